"""Slots, differences and snippets."""

from __future__ import annotations

import json

from secarch.dedupe.examples.constructed.json_part import json_part
from secarch.dedupe.examples.constructed.render import (
    aligned,
    assemble,
    block_start,
    changed,
    snippet,
    squeezed,
)
from secarch.dedupe.examples.constructed.stack_template import as_json, with_parameters


def test_a_slot_takes_its_indent_and_an_empty_one_takes_its_line_away() -> None:
    """Also when the line goes on in a shell."""
    code = "a {\n  <<x>>\n  <<y>> \\\n  z <<y>> \\\n}\n"
    assert assemble(code, {"x": "b\nc", "y": ""}) == "a {\n  b\n  c\n  z \\\n}\n"
    assert assemble(code, {"x": "", "y": "-k v"}) == "a {\n  -k v \\\n  z -k v \\\n}\n"


def test_several_lines_in_the_middle_of_a_line_keep_its_indent() -> None:
    """What stands behind the slot follows the last of them."""
    assert assemble("a {\n  b <<x>>}\n", {"x": "c,\nd"}) == "a {\n  b c,\n  d}\n"


def test_changed_lines_of_both_sides() -> None:
    """Blank lines do not count."""
    assert changed("a\nb\n\nc\n", "a\nB\nd\nc\n") == ([1], [1, 2])
    assert changed("a\n", "a\n") == ([], [])
    assert changed("a\n", "a\nb\n") == ([], [1])


def test_the_block_in_which_something_is_missing() -> None:
    """The nearest line above with less indent."""
    without = "r {\n  a = 1\n  b {\n    c = 1\n    d = 2\n  }\n}\n"
    before = "r {\n  a = 1\n  b {\n    c = 1\n  }\n}\n"
    assert block_start(before, without) == 2
    assert block_start("r {\n}\n", "r {\n  a = 1\n}\n") == 0
    assert block_start("x\n", "x\n") == 0
    before = 'resource "aws_vpc" "a" {\n  x = 1\n}\n\nresource "aws_subnet" "a" {\n}\n'
    without = before + '\nresource "aws_flow_log" "a" {\n}\n'
    assert block_start(before, without, resource="aws_vpc.a") == 0
    assert block_start(before, without, resource="aws_subnet.a") == 4
    assert block_start(before, without, resource="aws_vpc.other") == 5


def test_snippet_shows_the_enclosing_lines_with_gaps() -> None:
    """And closes what it opens."""
    code = 'r "x" {\n  a = 1\n  b {\n    c = 1\n    d = 2\n  }\n  e = 3\n}\n'
    assert snippet(code, [4], "hcl") == (
        'r "x" {\n  # ...\n  b {\n    # ...\n    d = 2\n  }\n  # ...\n}'
    )
    assert snippet(code, [], "hcl") == ""


def test_snippet_of_a_manifest_says_which_object() -> None:
    """If there are several."""
    code = "kind: A\nspec:\n  x: 1\n---\nkind: B\nspec:\n  x: 1\n  y: 2\n"
    assert snippet(code, [7], "yaml") == "kind: B\nspec:\n  # ...\n  y: 2"
    assert "kind" not in snippet("kind: A\nspec:\n  x: 1\n", [2], "yaml")


def test_snippet_of_a_script_is_the_whole_command() -> None:
    """Continued lines, quotes and here-documents included."""
    code = "one\naws x \\\n  --a 1 \\\n  --b 2\ncat > f <<J\n{\n  1\n}\nJ\nlast 'a\nb'\n"
    assert snippet(code, [2], "bash") == "aws x \\\n  --a 1 \\\n  --b 2"
    assert snippet(code, [6], "bash") == "cat > f <<J\n{\n  1\n}\nJ"
    assert snippet(code, [10], "bash") == "last 'a\nb'"
    assert snippet(code, [0], "bash") == "one"


def test_arguments_are_aligned_within_their_group() -> None:
    """As `terraform fmt` does it: a block or a blank line ends the group."""
    code = "a {\n  x = 1\n  long = 2\n\n  y = 3\n  b {\n    q = 1\n  }\n}\n"
    assert aligned(code) == "a {\n  x    = 1\n  long = 2\n\n  y = 3\n  b {\n    q = 1\n  }\n}\n"


def test_a_quoted_line_has_single_blanks() -> None:
    """For the middle of a sentence."""
    assert squeezed("   a   =  1 ") == "a = 1"


STACK = """AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Box:
    Type: AWS::S3::Bucket
    Properties:
      Key: !Ref DataKey
      Own: !Ref Box
      Arn: !GetAtt Box.Arn
      Path: !Sub "${Box.Arn}/*"
      Role: !Sub arn:aws:iam::${AWS::AccountId}:role/x
"""


def test_a_template_gets_a_parameter_for_each_foreign_name() -> None:
    """Its own resources are none."""
    text = with_parameters(STACK)
    assert "Parameters:\n  DataKey: {Type: String}\nResources:" in text
    assert "  Box: {Type" not in text


def test_a_template_as_json_keeps_its_functions() -> None:
    """In the long form of JSON."""
    tree = json.loads(as_json(STACK))
    given = tree["Resources"]["Box"]["Properties"]
    assert given["Key"] == {"Ref": "DataKey"}
    assert given["Arn"] == {"Fn::GetAtt": ["Box", "Arn"]}
    assert given["Path"] == {"Fn::Sub": "${Box.Arn}/*"}
    assert given["Role"] == {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/x"}
    assert tree["Parameters"] == {"DataKey": {"Type": "String"}}


POLICY = """{
  "Statement": [
    {
      "Sid": "A",
      "Action": "s3:GetObject"
    },
    {
      "Sid": "B",
      "Resource": [
        "x",
        "y"
      ]
    }
  ]
}"""
JSON_STACK = """{
  "Parameters": {
    "Key": {
      "Type": "String"
    },
    "Vpc": {
      "Type": "String"
    }
  },
  "Resources": {
    "Cache": {
      "Type": "AWS::X",
      "Properties": {
        "Rules": [
          {
            "Port": 1
          }
        ],
        "Key": {
          "Ref": "Key"
        }
      }
    }
  }
}"""


def test_a_part_of_a_document_is_the_whole_element_and_can_be_read() -> None:
    """A line of braces alone says nothing of where a change is."""
    lines = POLICY.split("\n")
    assert json.loads(json_part(lines, [4])) == {"Sid": "A", "Action": "s3:GetObject"}
    assert json.loads(json_part(lines, [9, 10])) == {"Sid": "B", "Resource": ["x", "y"]}
    assert json.loads(json_part(lines, [3, 4, 5, 6])) == {"Sid": "A", "Action": "s3:GetObject"}
    both = json.loads(json_part(lines, [4, 7]))
    assert [one["Sid"] for one in both] == ["A", "B"]


def test_a_part_of_a_template_is_the_properties_with_the_keys_that_lead_there() -> None:
    """Up to a list, which comes as a whole."""
    lines = JSON_STACK.split("\n")
    at = {text.strip(): n for n, text in enumerate(lines)}
    wanted = [2, 3, 4, 8, at['"Port": 1'], at['"Ref": "Key"'], len(lines) - 2]
    part = json.loads(json_part(lines, wanted))
    assert part == {
        "Parameters": {"Key": {"Type": "String"}},
        "Resources": {"Cache": {"Properties": {"Rules": [{"Port": 1}], "Key": {"Ref": "Key"}}}},
    }


def test_what_a_command_lacks_is_at_the_line_where_it_begins() -> None:
    """Of one line or of several, and not at the end of the command before it."""
    script = "aws a \\\n  --one 1\naws b --name x\naws c"
    assert block_start(script, script.replace("--name x", "--name x --key k")) == 2
    assert block_start(script, script.replace("--one 1", "--one 1 \\\n  --two 2")) == 0
    assert block_start(script, script.replace("aws b", "aws n\naws b")) == 0
