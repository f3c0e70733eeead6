"""Prints the values that the agent hands to its records: for each call the file, the line, the kind and the values, as
text, divided by tabs. A value is the last name in it, with its index where there is one."""

import ast
import sys


def text(node):
    if isinstance(node, ast.Name):
        return node.id.lstrip("_")
    if isinstance(node, ast.Attribute):
        return node.attr.lstrip("_")
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.UnaryOp):
        return "-" + text(node.operand)
    if isinstance(node, ast.Subscript):
        # Before Python 3.9 the index is in a node of its own.
        index = node.slice.value if type(node.slice).__name__ == "Index" else node.slice
        return "%s[%s]" % (text(node.value), text(index))
    if isinstance(node, ast.BinOp):
        return text(node.left)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            return text(node.func.value)
        if node.func.id == "getattr":
            return text(node.args[1]).lstrip("_")
        return text(node.args[0]) if node.args else node.func.id + "()"
    raise ValueError("line %d: what is this?" % node.lineno)


def kinds(tree):
    """Those that are put together with the number of a thread."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and text(node.right) == "thread_bits()":
            yield text(node.left)


for path in sys.argv[1:]:
    with open(path) as file:
        module = ast.parse(file.read())
    for top in module.body:
        for node in ast.walk(top):
            if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
                continue
            name, args = text(node.func), node.args
            if name == "pack" and not any(isinstance(arg, ast.Starred) for arg in args):
                (kind,) = kinds(top)
                values = args[3:]
            elif name == "write" and args and isinstance(args[0], ast.Name) and args[0].id.isupper():
                kind, values = args[0].id, args[1:]
            else:
                continue
            print(path, node.lineno, kind, *map(text, values), sep="\t")
