"""What no file of ours may do without a reason: run words as code, start a shell, read objects, trust markup, weak digests, weak chance."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.plan import SOURCE, imports_of, python_files

CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "mark_safe", "SafeString", "Template", "from_string", "hashlib.md5", "hashlib.sha1", "tempfile.mktemp", "uuid.uuid1",
}  # fmt: skip
_CIPHERS = "cryptography.hazmat.primitives.ciphers"
MODULES = {
    "cloudpickle", "dill", "jinja2", "joblib", "jsonpickle", "lxml", "marshal", "pickle", "random", "shelve", "xml", "yaml",
    _CIPHERS, f"{_CIPHERS}.modes", "cryptography.hazmat.primitives.asymmetric.padding",
}  # fmt: skip
SCRIPTS = re.compile(
    r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML\s*=|\.innerHTML\s*=|__proto__|javascript:|postMessage"
)
TEMPLATES = re.compile(r"\|\s*safe\b|autoescape\s+off|\bhref=\"javascript:")
REASONS = {
    "engine/simulation/doors.py: imports joblib": "starts processes of our own machine; nothing is read back from a file",
    "design/static/design/form.js: .innerHTML =": "a piece of a page, drawn and escaped by the station",
    "intake/static/intake/desk.js: .innerHTML =": "a piece of a page, drawn and escaped by the station",
    "screens/static/screens/deeds.js: .innerHTML =": "a piece of a page, kept sealed as the station drew it",
}
"""Where one of these stands on purpose, and why it hurts nobody."""


def of_python(file: Path) -> Iterator[str]:
    """The dangers of one module."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for name in {module for module, _line in imports_of(file)}:
        if name in MODULES or name.split(".")[0] in MODULES:
            yield f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            said = ast.unparse(node.func)
            if (
                said in CALLS
                or said.removeprefix("template.") in ("Template", "from_string")
                or said.endswith(".from_string")
            ):
                yield said
            for word in node.keywords:
                if word.arg in ("shell", "allow_pickle") and not (
                    isinstance(word.value, ast.Constant) and word.value.value is False
                ):
                    yield f"{said} {word.arg}"


def dangers(root: Path, python: Iterator[Path]) -> set[str]:
    """File and danger, of every module, script and template below a folder; files of others and of tests aside."""
    found = {f"{file.relative_to(root)}: {one}" for file in python for one in of_python(file)}
    for pattern, kinds in ((SCRIPTS, ("*.js", "*.mjs")), (TEMPLATES, ("*.html", "*.js"))):
        for file in (file for kind in kinds for file in root.rglob(kind) if "vendor" not in file.parts):
            found |= {f"{file.relative_to(root)}: {one}" for one in pattern.findall(file.read_text(encoding="utf-8"))}
    return found


def test_no_file_does_what_hurts_without_a_reason() -> None:
    assert dangers(SOURCE, python_files()) == set(REASONS)


def test_each_danger_is_seen(tmp_path: Path) -> None:
    """The plants."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        "import pickle, random\nfrom xml.etree import ElementTree\nimport yaml\n"
        "eval('1')\nsubprocess.run('x', shell=True)\nnp.load(f, allow_pickle=True)\nhashlib.md5(b'')\nmark_safe(x)\n"
        "Engine().from_string(x)\nsubprocess.run(['x'], shell=False)\nre.compile('x')\n",
        encoding="utf-8",
    )
    (tmp_path / "bad.js").write_text("box.innerHTML = words; eval(words)", encoding="utf-8")
    (tmp_path / "bad.html").write_text("{{ words|safe }}", encoding="utf-8")
    assert dangers(tmp_path, iter([bad])) == {
        "bad.py: imports pickle", "bad.py: imports random", "bad.py: imports xml.etree", "bad.py: imports yaml", "bad.py: eval",
        "bad.py: subprocess.run shell", "bad.py: np.load allow_pickle", "bad.py: hashlib.md5", "bad.py: mark_safe",
        "bad.py: Engine().from_string", "bad.js: .innerHTML =", "bad.js: eval(", "bad.html: |safe",
    }  # fmt: skip
