"""What is worth learning: security, more than clicks, more than a term."""

from __future__ import annotations

import pytest

from secarch.dedupe.examples import worth

SECURE = (
    "Encrypt the secret with a key, rotate the credential, and audit each access to the vault. "
    "Attackers who steal a token could escalate their privileges, so restrict permissions. "
)
CODE = "\n\n```bash\naz keyvault key rotate --name data\n```\n"


def kept(kind: str, question: str, answer: str) -> bool:
    """Whether a pair is worth learning."""
    return worth.problem(kind, question, answer) == ""


@pytest.mark.parametrize(
    "question",
    [
        "How do I convert byte-hours to the billing of a key store?",
        "How do we tune DNS names for the access policy?",
        "How do I register a domain with a private key?",
        "What happens to replicas when the cluster grows?",
        "How do I paint a wall?",
    ],
)
def test_bills_names_and_other_trades_are_off_topic(question: str) -> None:
    """Even where the answer speaks of security."""
    assert worth.problem("howto", question, SECURE * 3 + CODE) == "worth_topic"


def test_an_answer_has_to_be_about_security_too() -> None:
    """One term in the question is not enough."""
    plain = "Press the green one and wait until the lamp is on, then go home. " * 4
    assert worth.problem("howto", "How do we set the key?", plain + CODE) == "worth_topic"


def test_code_in_the_question_does_not_make_its_topic() -> None:
    """A policy's annotations are not what is asked."""
    asked = "Which control does this policy enforce?\n```yaml\nlabels: cost\n```"
    assert kept("explain", "Why is encryption of the vault required?", SECURE * 2)
    assert worth.problem("map", asked, SECURE) == "worth_topic"
    asked = "Which permissions does this policy restrict?\n```yaml\nlabels: cost\n```"
    assert kept("map", asked, SECURE)


def test_a_procedure_needs_code_and_few_clicks() -> None:
    """A walk through a console teaches where a button was."""
    asked = "How do I rotate the encryption key of the vault?"
    assert kept("howto", asked, SECURE * 2 + CODE)
    assert worth.problem("howto", asked, SECURE * 2) == "worth_clicks"
    few = "Choose the key. " * worth.MOST_CLICKS
    assert kept("howto", asked, SECURE * 2 + few + CODE)
    assert worth.problem("howto", asked, SECURE * 2 + few + "Click it." + CODE) == "worth_clicks"
    listing = "How do I list the encryption keys of the vault?"
    assert worth.problem("howto", listing, SECURE * 2 + CODE) == "worth_lookup"
    assert worth.problem("sequence", asked, SECURE + few + "Click it.") == "worth_clicks"
    assert kept("sequence", asked, SECURE + few)


def test_definitions_stay_only_if_they_tell_an_attack() -> None:
    """A term that names a field is looked up when it is needed."""
    asked = "What is an access token?"
    assert worth.problem("question", asked, SECURE * 4) == "worth_lookup"
    mild = "The key of a vault is a secret that permissions protect in an audit. " * 8
    assert worth.problem("reference", asked, mild) == "worth_lookup"
    assert kept("reference", asked, SECURE * 4)
    assert kept("question", "How does the vault protect a token?", SECURE * 4)
    assert worth.problem("question", "Why the error message on the key?", SECURE * 4) == (
        "worth_lookup"
    )


def test_short_answers_are_thin() -> None:
    """The bound is the family's own."""
    least = worth.LEAST_WORDS["explain"]
    text = ("key secret audit token " * least)[:-1]
    exact = " ".join(text.split()[:least])
    assert kept("explain", "Why is encryption required?", exact)
    short = " ".join(text.split()[: least - 1])
    assert worth.problem("explain", "Why is encryption required?", short) == "worth_thin"


def test_a_mapping_holds_more_than_a_statement_or_a_rating() -> None:
    """A catalogue's text and a severity restate the title."""
    asked = "Map the access control for our matrix."
    rated = f"**What is evaluated.** {SECURE}\n\n**Rating.** Severity: Low."
    assert worth.problem("map", asked, rated) == "worth_thin"
    assert kept("map", asked, rated + "\n\n**If it fails.** Restrict it.")
    assert worth.problem("map", asked, f"**Requirement.** {SECURE}") == "worth_thin"
    assert worth.problem("map", asked, f"{SECURE} keyArn (Optional)Type: String") == "worth_thin"


def test_a_threat_has_an_attack_and_a_control() -> None:
    """A report of what happened is neither."""
    asked = "How does credential theft work?"
    assert kept("threat", asked, SECURE)
    told = "The secret key of the vault leaked with a token and a password. It was a bad day."
    assert worth.problem("threat", asked, told) == "worth_thin"


def test_a_fix_shows_code_and_a_choice_more_than_a_price() -> None:
    """What to change stands there to copy."""
    closed = "How do we close the public access of this?"
    assert kept("fix", f"{closed}\n\n```bicep\npublic: true\n```", SECURE + CODE)
    assert worth.problem("fix", closed, SECURE + CODE) == "worth_thin"
    assert worth.problem("fix", closed, SECURE) == "worth_clicks"
    asked = "Which isolation do we choose?"
    assert worth.problem("choose", asked, "**The trade-off.** " + SECURE * 3) == "worth_thin"
    assert kept("choose", asked, "**What it brings.** " + SECURE * 3)


def test_a_wish_to_create_is_not_answered_by_an_alert() -> None:
    """A rule that watches a vault neither makes nor closes it."""
    alert = f"{SECURE * 2}\n\n```powershell\nNew-AzScheduledQueryRule -Severity 3\n```"
    assert worth.problem("howto", "How do I create and secure a key vault?", alert) == "worth_topic"
    assert kept("howto", "How do I monitor access to a key vault?", alert)
    assert kept("howto", "How do I create and secure a key vault?", SECURE * 2 + CODE)


def test_a_fix_does_not_replace_all_settings_by_one() -> None:
    """`appsettings` is written as a whole, so what is not listed is deleted."""
    one = (
        "```bicep\nresource s 'Microsoft.Web/sites/config@2022-09-01' = {\n"
        "  name: '${app.name}/appsettings'\n  properties: {\n    A: '~4' // the version\n"
        "%s  }\n}\n```"
    )
    asked = "Fix the version of this function app that attackers exploit.\n\n```bicep\nA: '~3'\n```"
    assert worth.problem("fix", asked, SECURE + "\n\n" + one % "") == "worth_harmful"
    assert kept("fix", asked, SECURE + "\n\n" + one % "    B: 'x'\n")


def test_an_alert_is_told_and_a_choice_is_no_recovery() -> None:
    """The line on plans is no reading, and a lost password no comparison."""
    asked = "How should an analyst read the alert on the vault?"
    told = f"**What it indicates.** **Applies to**: accounts with the plan. {SECURE}"
    assert worth.problem("threat", asked, told) == "worth_thin"
    assert kept("threat", asked, f"**What it indicates.** {SECURE}")
    lost = "If you forget the key, reset it. "
    choice = "Password or key: which credential would you take?"
    assert worth.problem("choose", choice, SECURE * 3 + lost * 2) == "worth_lookup"
    assert kept("choose", choice, SECURE * 3 + lost)


def test_what_was_asked_for_is_in_the_answer() -> None:
    """A remedy that is wanted, defences rather than questions, a policy that has an effect."""
    asked = 'Put the check "Encrypt the key" into our matrix: what it tests and the remedy.'
    assert worth.problem("map", asked, f"**What is tested.** {SECURE}") == "worth_thin"
    assert kept("map", asked, f"**What is tested.** {SECURE}\n\n**If it fails.** Restrict it.")
    threat = "How does credential theft work?"
    assert worth.problem("threat", threat, f"{SECURE}\n\n- Is it long?\n- Is it new?") == (
        "worth_thin"
    )
    assert kept("threat", threat, f"{SECURE}\n\n- Is it long?")
    howto = "How do I limit a key by an IAM policy?"
    bare = SECURE * 2 + '\n\n```\n{"Statement": [{%s"Action": "s3:GetObject"}]}\n```'
    assert worth.problem("howto", howto, bare % "") == "worth_harmful"
    assert kept("howto", howto, bare % '"Effect": "Allow", ')
