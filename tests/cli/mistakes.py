"""Files that people have: malformed, empty, of another program, unfinished."""

from __future__ import annotations

from pathlib import Path

FILES: dict[str, bytes] = {
    "tab.yaml": b"harvest:\n\tdelay_s: 1\n",
    "dup.yaml": b"seed: 1\nseed: 2\n",
    "list.yaml": b"- a\n- b\n",
    "bin.yaml": b"\x00\x01\x02\xff",
    "latin.yaml": "harvest: {contact: 'Zoë'}\n".encode("latin-1"),
    "unk.yaml": b"train:\n  lora: {rnk: 8}\n",
    "typo.yaml": b"trian:\n  epochs: 1\n",
    "str.yaml": b"train:\n  epochs: many\n",
    "anchor.yaml": b"a: &x [1]\nseed: *x\n",
    "tag.yaml": b"seed: !!python/object/apply:os.system ['id']\n",
    "colon.yaml": b"harvest: contact: me@x.org\n",
    "yes.yaml": b"harvest: {require_seeds: yep}\n",
    "null.yaml": b"train:\n  epochs:\n",
    "trk.yaml": b"train: {trackers: tensorboard}\n",
    "sources.yaml": b"harvest:\n  seeds: https://docs.example.org/\n",
    "rubbish.jsonl": b"{not json\n",
    "empty.jsonl": b"",
    "nomsg.jsonl": b'{"foo": 1}\n',
    "arr.jsonl": b"[1,2]\n",
    "docs.jsonl": b'{"url":"https://x.example/a","text":5}\n' * 3,
    "a.pdf": b"%PDF-1.4 nothing",
    "suite.yaml": b"name: x\nversion: '1'\nquestions:\n  - id: a\n",
    "suite2.yaml": b"questions: 5\n",
    "scores.jsonl": b'{"id": "1", "value": 0.5}\n',
    "scores2.jsonl": b'{"id": "2", "value": 0.5}\n',
    "scoresbad.jsonl": b'{"id": "1", "value": "high"}\n',
    "labels.json": b"{}",
    "x.csv": b"a,b\n1,2\n",
    "folder/nothing": b"",
    "export/config.json": b'{"model_type": "nosuch"}',
    "exp2/config.json": b"{",
    "pick/config.json": b'{"model_type":"llama"}',
    "pick/pytorch_model.bin": b"x",
}


def write(folder: Path) -> None:
    """Put them all into `folder`."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
