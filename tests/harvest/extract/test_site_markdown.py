"""What site generators write into Markdown is resolved or goes; code and plain Markdown stay."""

from __future__ import annotations

import re
import time

import pytest

from secarch.harvest.extract.site_markdown import plain

CASES = {
    "a tab of GitBook": ('{% tab title="CLI" %}\nrun\n{% endtab %}', "**CLI**\n\n\nrun"),
    "a hint of GitBook": ('{% hint style="info" %}\nx\n{% endhint %}', "**Info:**\n\n\nx"),
    "a comment of Liquid": ("a{% comment %}b{% endcomment %}c", "ac"),
    "a group of code": ("::: code-group\n```sh [npm]\nci\n```\n:::", "**npm**\n\n```sh\nci\n```"),
    "a container with a title": (":::{tab-item} Linux\nx\n:::", "**Linux**\n\nx"),
    "a directive of MyST": ("```{warning}\nx\n```", "**Warning:**\n\nx"),
    "code of MyST": ("```{code-block} yaml\n:caption: c\na: 1\n```", "```yaml\na: 1\n```"),
    "contents of MyST": ("a\n```{toctree}\nb\n```", "a"),
    "a target of MyST": ("(a-b)=\nSee {ref}`the guide <a-b>`.", "See the guide."),
    "a fold": ("<details>\n<summary>More</summary>\nx\n</details>", "**More**\n\nx"),
    "a script": ("a\n<script setup>\nconst b = 1\n</script>", "a"),
    "an icon and keys": (":material-key: press ++ctrl+c++", "press ctrl+c"),
    "a list of contents": ("[[toc]]\na", "a"),
    "an import": ("import Tabs from '@theme/Tabs';\n\nText", "Text"),
    "an import over lines": ("import {\n  Tabs,\n  Tab,\n} from '../x';\n\nText", "Text"),
    "a list of exports": ("export {\n  a,\n  b,\n};\n\nText", "Text"),
    "an export over lines": ("export const A = () => (\n  <b>{x}</b>\n);\n\nText", "Text"),
    "a tab by its label": ('<TabItem value="cli" label="CLI">\nrun\n</TabItem>', "**CLI**\n\nrun"),
    "a tab by its value": ('<TabItem value="tf">\nrun\n</TabItem>', "**tf**\n\nrun"),
    "a component that is closed": ("<Box>words</Box>", "words"),
    "a placeholder that is not": ("Replace <Region> here.", "Replace <Region> here."),
    "a parameter": ('<ParamField path="ttl" type="int">Seconds.</ParamField>', "**ttl:** Seconds."),
    "a note": ("<Warning>Careful.</Warning>", "**Warning:**\n\nCareful."),
    "an admonition with a title": (
        '<Admonition type="tip" title="Do">x</Admonition>',
        "**Do:**\n\nx",
    ),
    "a comment": ("{/* hidden */}\na <!-- b --> c", "a  c"),
    "colons": (":::note\nKeep.\n:::", "**Note:**\n\nKeep."),
    "colons with a title": (":::tip[Do this]\nKeep.\n:::", "**Do this:**\n\nKeep."),
    "mkdocs": ('!!! warning "Mind"\n    Words.\n\nafter', "**Mind**\n\nWords.\n\nafter"),
    "mkdocs without a title": ("!!! note\n    Words.", "**Note:**\n\nWords."),
    "content tabs": ('=== "Go"\n\n    run\n', "**Go**\n\n\nrun"),
    "a Hugo tab": ('{{% tab name="Linux" %}}\nrun\n{{% /tab %}}', "**Linux**\n\n\nrun"),
    "a Hugo term": ('{{< glossary_tooltip text="Pods" term_id="pod" >}} run', "Pods run"),
    "a Hugo heading": ('## {{% heading "whatsnext" %}}', "## What's next"),
    "a Hugo link": ('See [it]({{< ref "a.md" >}}).', "See it."),
    "a Hugo note": ("{{< caution >}}\nMind.\n{{< /caution >}}", "**Caution:** \nMind."),
    "highlighted code": (
        "{{< highlight yaml >}}\na: {{< b >}}\n{{< /highlight >}}",
        "```yaml\na: {{< b >}}\n```",
    ),
    "liquid": ("{% include a.html %}x\n{: .no_toc }", "x"),
    "an alert": ("> [!IMPORTANT]\n> Keep.", "> **Important:**\n> Keep."),
    "a Learn tab": ("# [Azure CLI](#tab/cli)\nrun", "**Azure CLI**\nrun"),
    "an include": ("a\n[!INCLUDE [x](../y.md)]\nb [!INCLUDE [x](y.md)] c", "a\n\nb  c"),
    "an image of Learn": (':::image type="content" source="a.png":::\nx', "x"),
    "a zone": (':::zone pivot="a"\nx\n:::zone-end', "x"),
    "an id of a heading": ("## Roles {#roles}", "## Roles"),
    "a wiki link": ("[[Key-Rotation]] and [[words|Page]]", "Key Rotation and words"),
    "a test of the shell": ("[[ -f x ]] || exit", "[[ -f x ]] || exit"),
    "an xref": ("See <xref:System.String>.", "See System.String."),
    "an mdBook include": ("{{#include a.rs}}\nx", "x"),
}


@pytest.mark.parametrize("kind", CASES)
def test_markup_of_a_generator_is_resolved_or_goes(kind: str) -> None:
    """Each kind by the smallest text."""
    written, meant = CASES[kind]
    shown = re.sub(r"\n{2,}", "\n\n", plain(written)).strip()
    assert shown == re.sub(r"\n{2,}", "\n\n", meant).strip()


@pytest.mark.parametrize(
    "text",
    [
        "```mdx\nimport a from 'b'\n<Tabs>\n{{< note >}}\n:::note\n```",
        "~~~~\n```\n{% raw %}\n~~~~",
        "Write `<Tabs>` or `{{< ref >}}` or ``[[a`b]]``.",
        "import the policy from the console; then apply it.",
        "# Title\n\n- item\n  - inner\n\n    code by indentation\n\n| a | b |\n|---|---|",
        "{{ .Values.name }} and <details><summary>x</summary></details>",
    ],
)
def test_code_and_plain_markdown_stay(text: str) -> None:
    """To the letter."""
    assert plain(text) == text


@pytest.mark.parametrize("part", ["[[", "{{< highlight ", "{%- highlight", "{%"])
def test_markup_that_never_ends_takes_no_time(part: str) -> None:
    """An opening that nothing closes is not looked for to the end of the text each time."""
    begun = time.process_time()
    assert plain(part * 2_000).strip()
    assert time.process_time() - begun < 1.0
