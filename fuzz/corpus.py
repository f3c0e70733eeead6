"""The seed corpus of the fuzz targets: real pickles of every interpreter that is found, and the hostile kinds.

    python3 fuzz/corpus.py DIRECTORY

Interpreters are looked for on the path, under pyenv, and in SERCOST_PYTHONS, divided by colons.
"""

import glob
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIXTURES = os.path.join(ROOT, "fixtures", "pickles")

# Small ones of the kinds that tests/integration/inspect/hostile.rs has in full size.
HOSTILE = {
    "truncated": b"\x80\x04]\x94(K\x01K",
    "huge-length": b"\x80\x04\x8e\0\0\0\0\0\0\0\x10",
    "huge-frame": b"\x80\x04\x95\0\0\0\0\0\0\0\x80N.",
    "nested-lists": b"\x80\x04" + b"]\x94" * 300 + b"a" * 299 + b".",
    "nested-marks": b"\x80\x04" + b"](" * 300 + b"e" * 300 + b".",
    "nested-tuples": b"\x80\x04" + b"(" * 300 + b"t" * 300 + b".",
    "nested-dicts": b"\x80\x04" + b"}K\x01" * 300 + b"N" + b"s" * 300 + b".",
    "nested-reduces": b"\x80\x04cm\nC\n)" + b"R)" * 100 + b"R.",
    "memo-bomb": b"\x80\x04(" + b"]\x94" * 1000 + b"t.",
    "dup-bomb": b"\x80\x04]" + b"22a" * 300 + b".",
    "wild-memo": b"\x80\x04]r\xff\xff\xff\xffj\xff\xff\xff\xffa.",
    "wild-put": b"]p99999999999999\ng99999999999999\na.",
    "long": b"L" + b"7" * 5000 + b"L\n.",
    "long4": b"\x80\x02\x8b\x88\x13\0\0" + b"7" * 5000 + b".",
    "negative-long4": b"\x80\x02\x8b\xff\xff\xff\xff.",
    "invalid-utf8": b"\x80\x04}\x8c\x03\xff\xfe\xfdK\x01s.",
    "unbalanced": b"\x80\x04]e.",
    "only-marks": b"\x80\x04" + b"(" * 1000,
    "popped": b"\x80\x04]\x940h\0]\x940h\x01\x86.",
    "ring": b"\x80\x04]\x94(]\x94h\0ah\x01h\0ae0h\x01h\0a.",
    "alias": b"\x80\x04}\x94\x8c\x01a]\x94sh\x01(K\x01K\x02K\x03e0.",
    "setter": b"\x80\x04cm\nC\n)R\x94cm\nset\nh\0}K\x01K\x02s\x86R0.",
    "instance": b"(K\x01im\nC\n(cm\nC\nK\x02oK\x03\x86.",
    "joblib": b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\0\0\0shapeK\x02\x85"
    b"X\x05\0\0\0dtypecnumpy\ndtype\nX\x02\0\0\0i4\x85RubABCDEFGH.",
    "two": b"\x80\x04N.\x80\x04N.rest",
}


def interpreters():
    named = [path for path in os.environ.get("SERCOST_PYTHONS", "").split(":") if path]
    kept = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python")))
    return named + [sys.executable] + kept


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    for name, data in HOSTILE.items():
        with open(os.path.join(directory, "hostile-" + name), "wb") as file:
            file.write(data)
    for path in glob.glob(os.path.join(FIXTURES, "*-*")):
        shutil.copy(path, directory)
    for python in interpreters():
        ask = [python, "-c", "import sys; print(sys.version.split()[0])"]
        found = subprocess.run(ask, capture_output=True, text=True)
        if found.returncode != 0:
            continue
        target = os.path.join(directory, "..", "python-" + found.stdout.strip())
        os.makedirs(target, exist_ok=True)
        script = os.path.join(FIXTURES, "plain.py")
        subprocess.run([python, "-B", script, target, "corpus"], check=True, stdout=subprocess.DEVNULL)
        for name in os.listdir(target):
            shutil.move(os.path.join(target, name), os.path.join(directory, os.path.basename(target) + "-" + name))
        os.rmdir(target)
    print(len(os.listdir(directory)), "seeds in", directory)


if __name__ == "__main__":
    main()
