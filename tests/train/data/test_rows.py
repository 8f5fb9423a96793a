"""From a dataset to tokens: nothing unusable gets through, and nothing is cut silently."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secarch.errors import InvalidInput, Mismatch, MissingInput, TamperedArtifact
from secarch.models.chat_template import Chat
from secarch.session import Session
from secarch.train.data.preflight import check_rows
from secarch.train.data.rows import Rows, _cut, _encoded, _fitted, open_dataset, tokenise


@pytest.fixture(scope="module")
def chat(tiny_base: Path) -> Chat:
    return Chat.load(tiny_base)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A plain folder with a train.jsonl of the given rows."""

    def write(*rows: Any) -> Path:
        text = "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
        (tmp_path / "train.jsonl").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_an_artifact_and_a_plain_folder_are_read(
    dataset: Path, make_row: Any, folder: Any, session: Session
) -> None:
    """Both give rows; an artifact's digest is its manifest's, a folder's follows its bytes."""
    sealed = open_dataset(dataset, session)
    assert (len(sealed.train), len(sealed.validation)) == (48, 12)
    assert sealed.licences() == {"CC-BY-4.0": 48}
    one = open_dataset(folder(make_row(1)), session).digest
    assert one != open_dataset(folder(make_row(2)), session).digest != sealed.digest


def test_the_newest_dataset_is_the_default(
    tmp_path: Path, write: Any, make_row: Any, session: Session
) -> None:
    """Without a path the workspace's latest dataset is used; without any the fix is a command."""
    with pytest.raises(MissingInput, match="secarch dedupe"):
        open_dataset(None, session)
    write(session.datasets / "a", [make_row(1)])
    assert open_dataset(None, session).path.name == "a"


def test_a_changed_dataset_is_refused(
    tmp_path: Path, write: Any, make_row: Any, session: Session
) -> None:
    """A row edited after sealing is tampering."""
    path = write(tmp_path / "d", [make_row(1)])
    (path / "train.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(TamperedArtifact, match=r"train\.jsonl"):
        open_dataset(path, session)


def test_a_dataset_without_rows_is_refused_with_a_way_out(
    tmp_path: Path, write: Any, session: Session
) -> None:
    """Zero rows are exit 4, and so is a folder that holds no dataset."""
    with pytest.raises(MissingInput, match="no training rows") as caught:
        open_dataset(write(tmp_path / "d", []), session)
    assert caught.value.exit_code == 4
    assert caught.value.fix
    with pytest.raises(MissingInput, match=r"train\.jsonl"):
        open_dataset(tmp_path, session)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"messages": None}, "messages must be"),
        ({"messages": [{"role": "user", "content": "x"}]}, "messages must be"),
        (
            {"messages": [{"role": "user"}, {"role": "assistant", "content": "x"}]},
            "role and content",
        ),
        (
            {"messages": [{"role": "bot", "content": "x"}, {"role": "assistant", "content": "x"}]},
            "role must be one of",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "x"},
                    {"role": "assistant", "content": " \n"},
                ]
            },
            "assistant message is empty",
        ),
        (
            {"messages": [{"role": "assistant", "content": "x"}, {"role": "user", "content": "x"}]},
            "last message",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": ["x"]},
                    {"role": "assistant", "content": "x"},
                ]
            },
            "both text",
        ),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(
    folder: Any, make_row: Any, session: Session, change: Any, why: str
) -> None:
    """What is wrong with a row, and where it stands."""
    with pytest.raises(InvalidInput, match=why) as caught:
        open_dataset(folder(make_row(1), make_row(2, **change)), session)
    assert str(caught.value.where).endswith("train.jsonl:2")


@pytest.mark.parametrize("line", ["{", "[]", '"x"'])
def test_a_line_that_is_no_object_is_named(
    folder: Any, make_row: Any, session: Session, line: str
) -> None:
    """Malformed JSON is found by line."""
    with pytest.raises(InvalidInput, match=r"train\.jsonl:2"):
        open_dataset(folder(make_row(1), line), session)


def test_another_system_prompt_is_a_mismatch_in_our_own_dataset(
    tmp_path: Path, write: Any, folder: Any, make_row: Any, session: Session
) -> None:
    """What is put before a question must be the same in training and in evaluation; rows of
    others are taken as they are, and counted.
    """
    row = make_row(1)
    row["messages"][0]["content"] = "You are a pirate."
    with pytest.raises(Mismatch, match="another system prompt"):
        open_dataset(write(tmp_path / "sealed", [row]), session)
    bare = make_row(2)
    bare["messages"] = bare["messages"][1:]
    own = [make_row(n) for n in range(3, 6)]
    found = open_dataset(folder(row, row, bare, *own), session)
    assert found.systems() == {"none": 1, "other": 2, "own": 3}


def _long(make_row: Any, n: int = 1) -> Any:
    paragraphs = [
        f"Paragraph {i} says: rotate keys, segment networks, and log what was done."
        for i in range(40)
    ]
    return make_row(n, "\n\n".join(paragraphs))


def test_long_answers_are_split_at_paragraphs_and_nothing_is_lost(
    chat: Chat, make_row: Any
) -> None:
    """Each piece is a whole row with the question before it and a stop token after it; the text is
    all there.
    """
    rows = tokenise([make_row(0), _long(make_row)], chat, max_length=256, over_length="split")
    assert (rows.over_length, rows.dropped) == (1, 0)
    assert rows.pieces == len(rows.rows) - 1 > 2
    pieces = rows.rows[1:]
    assert all(
        len(piece.ids) <= 256 and piece.ids[-1] in chat.stop_ids and piece.mask[-1]
        for piece in pieces
    )
    texts = [chat.decode([i for i, m in zip(p.ids, p.mask, strict=True) if m]) for p in pieces]
    assert "\n\n".join(texts) == _long(make_row)["messages"][2]["content"]
    assert all(text.startswith("Paragraph") and text.endswith(".") for text in texts)


def test_an_answer_without_seams_is_split_too(chat: Chat, make_row: Any) -> None:
    """One endless word is cut, since losing it would be worse."""
    rows = tokenise([make_row(0, "x9" * 2000)], chat, max_length=256, over_length="split")
    assert rows.pieces == len(rows.rows) > 2
    assert all(len(piece.ids) <= 256 for piece in rows.rows)
    texts = [chat.decode([i for i, m in zip(p.ids, p.mask, strict=True) if m]) for p in rows.rows]
    assert "".join(texts) == "x9" * 2000


def test_blank_lines_before_an_answer_are_not_learnt(chat: Chat, make_row: Any) -> None:
    """Rows of others often begin so; indentation and later blank lines stay."""
    limits: dict[str, Any] = {"max_length": 512, "over_length": "raise"}
    verbatim = chat.template.replace(" | trim", "")  # a template that trims hides them
    assert verbatim != chat.template
    chat = chat.with_template(verbatim)
    for before, answer in (("\n\n", "Use it.\n\nThen look."), (" \r\n", "  - indented\n")):
        rows = [make_row(0, before + answer), make_row(0, answer)]
        found, plain = tokenise(rows, chat, **limits).rows
        assert (found.ids, found.mask, found.prompt) == (plain.ids, plain.mask, plain.prompt)
        check_rows(chat, [found])


def test_long_rows_are_dropped_or_refused_when_asked(chat: Chat, make_row: Any) -> None:
    """Both are counted."""
    rows = tokenise([make_row(0), _long(make_row)], chat, max_length=256, over_length="drop")
    assert (len(rows.rows), rows.over_length, rows.dropped, rows.pieces) == (1, 1, 1, 0)
    with pytest.raises(InvalidInput, match="1 of 2 rows are longer than 256 tokens"):
        tokenise([make_row(0), _long(make_row)], chat, max_length=256, over_length="raise")


def test_a_question_that_leaves_no_room_is_dropped(chat: Chat, make_row: Any) -> None:
    """A row whose question alone fills the length teaches nothing."""
    row = make_row(0)
    row["messages"][1]["content"] = "why " * 500
    assert tokenise([row], chat, max_length=256, over_length="split").dropped == 1


def test_totals_count_every_token(chat: Chat, make_row: Any) -> None:
    """Tokens, trained tokens and the longest row are sums over the rows."""
    rows = tokenise([make_row(n) for n in range(3)], chat, max_length=256, over_length="raise")
    assert rows.tokens == sum(len(r.ids) for r in rows.rows)
    assert 0 < rows.trained < rows.tokens
    assert rows.longest == max(len(r.ids) for r in rows.rows)


def test_a_batch_gives_what_one_by_one_gives(chat: Chat, make_row: Any) -> None:
    """Tokenising together, and cutting by the tokens of the whole, changes speed alone."""
    examples = [
        make_row(0),
        _long(make_row, 1),
        make_row(2, "\U0001f511 clé 鍵 " * 150),
        make_row(3),
    ]
    together = tokenise(examples, chat, max_length=256, over_length="split")
    singly = [
        tokenise([example], chat, max_length=256, over_length="split") for example in examples
    ]
    assert together.rows == [row for one in singly for row in one.rows]
    assert together.over_length == 2
    assert all(len(row.ids) <= 256 for row in together.rows)
    for example, row in zip(examples[::3], (together.rows[0], together.rows[-1]), strict=True):
        assert row.ids == chat.encode(example["messages"]).ids
        assert row.ids[: row.prompt] == chat.prompt_ids(example["messages"][:-1])


def test_words_told_apart_here_give_the_tokenizers_own_rows(
    tiny_base: Path, make_row: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids, mask, prompt and fault are those of a tokenizer that is asked for whole texts."""
    talk = [{"role": "user", "content": " And then?"}, {"role": "assistant", "content": "No. 🔑 "}]
    rows = [make_row(n, f"  Keys, x{n}.\n\n- clé  <|eot_id|> 鍵 \n" * n) for n in range(1, 6)]
    rows += [{**make_row(7), "messages": [*make_row(7)["messages"], *talk]}, _long(make_row, 9)]
    fast = tokenise(rows, Chat.load(tiny_base), max_length=256, over_length="split")
    monkeypatch.setattr("secarch.models.words.cuts", lambda _: None)
    slow = tokenise(rows, Chat.load(tiny_base), max_length=256, over_length="split")
    assert fast == slow
    assert fast.pieces


@pytest.mark.parametrize("over_length", ["split", "drop"])
def test_only_over_long_questions_leave_nothing(
    chat: Chat, make_row: Any, over_length: Any
) -> None:
    """All of them are counted as dropped, and none is trained on."""
    rows = [make_row(n) for n in range(3)]
    for row in rows:
        row["messages"][1]["content"] = "why " * 500
    made = tokenise(rows, chat, max_length=256, over_length=over_length)
    assert (made.rows, made.over_length, made.dropped, made.pieces) == ([], 3, 3, 0)


def test_a_piece_that_is_too_long_on_its_own_is_cut_again(chat: Chat, make_row: Any) -> None:
    """As often as it takes, and nothing of it is lost."""
    messages = _long(make_row)["messages"]
    row = next(_encoded([("e#1", messages)], chat))
    pieces = list(_fitted(row, messages, chat, 256))
    assert len(pieces) > 2
    assert all(len(piece.ids) <= 256 for piece in pieces)
    assert pieces[0].id.startswith("e#1.1")
    texts = [chat.decode([i for i, m in zip(p.ids, p.mask, strict=True) if m]) for p in pieces]
    assert "".join(" ".join(texts).split()) == "".join(messages[-1]["content"].split())


@pytest.mark.parametrize(("budget", "parts"), [(8, 1), (7, 2), (4, 2), (3, 4)])
def test_a_part_may_hold_exactly_the_budget(budget: int, parts: int) -> None:
    """Eight words of a token each in two paragraphs of four; a paragraph's end is the best seam."""
    text = "aa bb cc dd\n\nee ff gg hh"
    starts = [0, 3, 6, 9, 13, 16, 19, 22]
    made = _cut(text, starts, budget)
    assert len(made) == parts
    assert " ".join(made).split() == text.split()


def test_a_word_above_the_budget_is_cut_down_to_single_characters() -> None:
    """A character of two tokens cannot be cut any more, so it is a part."""
    assert _cut("abcd", [0, 1, 2, 3], 1) == ["a", "b", "c", "d"]
    assert _cut("a", [0, 0], 1) == ["a"]


def test_a_row_of_exactly_the_limit_is_left_whole(chat: Chat, make_row: Any) -> None:
    """One token fewer cuts it."""
    messages = _long(make_row)["messages"]
    row = next(_encoded([("e", messages)], chat))
    assert list(_fitted(row, messages, chat, len(row.ids))) == [row]
    assert len(list(_fitted(row, messages, chat, len(row.ids) - 1))) > 1


def test_nothing_was_too_long_until_something_is() -> None:
    """An empty result counts nothing."""
    none = Rows()
    assert (none.rows, none.over_length, none.pieces, none.dropped, none.tokens) == ([], 0, 0, 0, 0)
