"""The evaluator of Kubernetes RBAC."""

from __future__ import annotations

from secarch.dedupe.examples.constructed.policy.rbac import (
    Binding,
    Request,
    Role,
    Rule,
    evaluate,
)

ME = "serviceaccount:shop/app"
SECRETS = Role("secrets", (Rule(("",), ("secrets",), ("get", "list")),))
ONE = Role("one", (Rule(("",), ("secrets",), ("get",), ("db",)),))
STAR = Role("star", (Rule(("*",), ("*",), ("*",)),))
LOCAL = Role("local", (Rule(("",), ("pods",), ("list",)),), "shop")


def test_a_role_binding_holds_in_its_namespace_only() -> None:
    """Also for a ClusterRole; a ClusterRoleBinding holds everywhere."""
    here = Binding("b", "secrets", (ME,), "shop")
    asked = Request(ME, "get", "secrets", "shop", name="x")
    assert evaluate(asked, [SECRETS], [here]).allowed
    away = evaluate(Request(ME, "get", "secrets", "edge", name="x"), [SECRETS], [here])
    assert not away.allowed
    assert away.nearly == here
    everywhere = Binding("b", "secrets", (ME,))
    assert evaluate(Request(ME, "list", "secrets", "edge"), [SECRETS], [everywhere]).allowed
    assert not evaluate(asked, [SECRETS], [Binding("b", "secrets", ("group:x",), "shop")]).allowed


def test_names_cover_get_of_that_object_and_no_list() -> None:
    """As the API server has it: a list carries no name."""
    bound = [Binding("b", "one", (ME,), "shop")]
    assert evaluate(Request(ME, "get", "secrets", "shop", name="db"), [ONE], bound).allowed
    assert not evaluate(Request(ME, "get", "secrets", "shop", name="other"), [ONE], bound).allowed
    assert not evaluate(Request(ME, "list", "secrets", "shop"), [ONE], bound).allowed


def test_subresources_groups_and_stars() -> None:
    """`pods` is not `pods/exec`; a star covers both."""
    pods = Role("pods", (Rule(("",), ("pods",), ("*",)),))
    shell = Request(ME, "create", "pods/exec", "shop", name="p")
    assert not evaluate(shell, [pods], [Binding("b", "pods", (ME,), "shop")]).allowed
    assert evaluate(shell, [STAR], [Binding("b", "star", (ME,), "shop")]).allowed
    apps = Request(ME, "get", "secrets", "shop", group="apps", name="x")
    assert not evaluate(apps, [SECRETS], [Binding("b", "secrets", (ME,), "shop")]).allowed
    assert not evaluate(
        Request(ME, "delete", "secrets", "shop", name="x"),
        [SECRETS],
        [Binding("b", "secrets", (ME,), "shop")],
    ).allowed


def test_a_role_of_a_namespace_is_found_there() -> None:
    """A binding to a Role does not find a ClusterRole of that name, and the other way round."""
    listing = Request(ME, "list", "pods", "shop")
    own = Binding("b", "local", (ME,), "shop", cluster_role=False)
    assert evaluate(listing, [LOCAL], [own]).allowed
    assert not evaluate(listing, [LOCAL], [Binding("b", "local", (ME,), "shop")]).allowed
