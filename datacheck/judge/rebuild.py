"""Rebuild the tree of an expression from lists of what is allowed: the walk behind `expression`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from datacheck.judge.grammar import (
    CASTS,
    COLUMN_KINDS,
    COMPARISONS,
    FUNCTIONS,
    KINDS,
    OPERATORS,
    PARAM_TYPES,
    SKIPS_NULL,
    fits,
    takes,
)

if TYPE_CHECKING:
    from datacheck import tables

Node = dict[str, Any]
MAX_DEPTH = 50
"""Levels of nesting; Python's stack allows ten times more."""

_FALSE = {
    "class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": {"kind": "BOOLEAN", "text": "false"},
}  # fmt: skip
_NUMBER = re.compile(r"-?[0-9][0-9_]*")
_DECIMAL = re.compile(r"-?[0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)?")


class RefusedError(Exception):
    """The expression is refused; the text reads on from the name of its field ("when: has a comment")."""


class Rebuilder:
    """Checks and rebuilds one expression over rows of `table`, collecting what it reads.

    `params` are the declared parameters, name -> type; `prefix` goes in front of their names.
    """

    def __init__(self, table: tables.Table, params: Mapping[str, str], prefix: str) -> None:
        self.table, self.declared, self.prefix = table, params, prefix
        self.columns: set[str] = set()
        self.joins: set[str] = set()
        self.params: set[str] = set()
        self.says_null = False
        # Columns that make the whole NULL, and those that do so only when what stands beside them is NULL too.
        self._strict: set[str] = set()
        self._soft: set[str] = set()
        self._depth = 0
        self._classes: dict[str, Callable[[Node], tuple[Node, str]]] = {
            "CONSTANT": self._constant, "COLUMN_REF": self._column, "PARAMETER": self._parameter,
            "COMPARISON": self._comparison, "CONJUNCTION": self._conjunction, "OPERATOR": self._operator,
            "BETWEEN": self._between, "CASE": self._case, "CAST": self._cast, "FUNCTION": self._function,
        }  # fmt: skip

    def predicate(self, node: Node, stepwise: bool = False) -> Node:
        """The rebuilt tree of an expression that is TRUE, FALSE or NULL. Raises RefusedError.

        `stepwise` turns `a AND b` into CASE WHEN a THEN b ELSE FALSE: FALSE for NULL, and b only where a is TRUE.
        """
        rebuilt, kind = self._visit(node)
        if kind != "b":
            raise RefusedError(f"is {KINDS[kind]}, but must be TRUE or FALSE: compare it with something")
        if stepwise and rebuilt["type"] == "CONJUNCTION_AND":
            *conditions, rebuilt = rebuilt["children"]
            for condition in reversed(conditions):
                checks = [{"when_expr": condition, "then_expr": rebuilt}]
                rebuilt = {
                    "class": "CASE",
                    "type": "CASE_EXPR",
                    "alias": "",
                    "case_checks": checks,
                    "else_expr": _FALSE,
                }
        return rebuilt

    def reads(self) -> tuple[str, ...]:
        """Columns whose NULL may make the expression NULL: those of the row before joined ones, in table order."""
        own = list(self.table.by_name)

        def order(name: str) -> tuple[bool, int, str]:
            return ("." in name, own.index(name) if name in own else 0, name)

        return (*sorted(self._strict, key=order), *sorted(self._soft - self._strict, key=order))

    def _visit(self, node: Node) -> tuple[Node, str]:
        rebuild = self._classes.get(node["class"])
        if rebuild is None:
            raise RefusedError(_refusal(node))
        if node.get("alias"):
            raise RefusedError(
                f"has {node['alias']!r} after a value, which would only name it; is an operator missing?"
            )
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RefusedError(f"is nested more than {MAX_DEPTH} levels deep")
        rebuilt, kind = rebuild(node)
        self._depth -= 1
        return {"class": node["class"], "type": node["type"], "alias": "", **rebuilt}, kind

    def _all(self, nodes: list[Node]) -> tuple[list[Node], str]:
        visited = [self._visit(node) for node in nodes]
        return [node for node, _ in visited], "".join(kind for _, kind in visited)

    def _lenient(self, nodes: list[Node]) -> tuple[list[Node], str]:
        """Visit where a NULL column does not by itself make the result NULL, as in coalesce and IS DISTINCT FROM."""
        strict = set(self._strict)
        result = self._all(nodes)
        self._soft |= self._strict - strict
        self._strict = strict
        return result

    def _constant(self, node: Node) -> tuple[Node, str]:
        literal = node["literal"]
        kind, text = literal["kind"], literal["text"]
        kinds = {"STRING": "t", "BOOLEAN": "b", "NULL_LITERAL": "z", "INTEGER": "n", "NUMERIC": "n"}
        if kind not in kinds:
            raise RefusedError(f"has a {kind.lower()} literal; numbers, 'texts', TRUE, FALSE and NULL may stand")
        pattern = {"INTEGER": _NUMBER, "NUMERIC": _DECIMAL}.get(kind)
        if pattern is not None and not (pattern.fullmatch(text) and len(text) <= 40):
            raise RefusedError(f"has the number {text[:40]}, which is too long or not written in decimal digits")
        self.says_null |= kind == "NULL_LITERAL"
        return {"literal": {"kind": kind, "text": text}}, kinds[kind]

    def _column(self, node: Node) -> tuple[Node, str]:
        # Imported late: `rule` is the model of what is compiled here, and loads it to check a file as a whole.
        from datacheck.judge.rule import find_column

        names = node["column_names"]
        if len(names) > 2:
            raise RefusedError(f"has {'.'.join(names)}; only a column or record.column may be named")
        if len(names) == 2 and names[0] == self.table.name:
            raise RefusedError(f"has {'.'.join(names)}; a column of the row itself stands alone: {names[1]}")
        name = ".".join(names)
        column, wrong = find_column(self.table, name) if "." not in "".join(names) else (None, f"there is no {name!r}")
        if column is None:
            raise RefusedError(f"names {name}: {wrong}")
        self.columns.add(name)
        self._strict.add(name)
        return {"column_names": [name]}, COLUMN_KINDS[column.type]

    def _parameter(self, node: Node) -> tuple[Node, str]:
        name = node["identifier"]
        if name not in self.declared:
            near = get_close_matches(name, self.declared, 1, 0.6)
            known = f"Did you mean ${near[0]}?" if near else f"declared: {', '.join(self.declared) or 'none'}"
            raise RefusedError(f"uses ${name}, which `params` does not declare. {known}")
        self.params.add(name)
        kind, sql = PARAM_TYPES[self.declared[name]]
        inner = {"class": "PARAMETER", "type": "VALUE_PARAMETER", "alias": "", "identifier": self.prefix + name}
        cast = {"child": inner, "try_cast": False, "type_expr": _type(sql)}
        # Replaces the node's own class: a parameter has no type until it is bound, and `-$slack` needs one.
        return {"class": "CAST", "type": "OPERATOR_CAST", **cast}, kind

    def _comparison(self, node: Node) -> tuple[Node, str]:
        if node["type"] not in COMPARISONS:
            raise RefusedError(f"has the comparison {node['type']}, which is not allowed")
        visit = self._lenient if "DISTINCT" in node["type"] else self._all
        (left, right), kinds = visit([node["left"], node["right"]])
        _same(kinds, COMPARISONS[node["type"]])
        return {"left": left, "right": right}, "b"

    def _conjunction(self, node: Node) -> tuple[Node, str]:
        children, kinds = self._all(node["children"])
        _boolean(kinds, node["type"].removeprefix("CONJUNCTION_"))
        return {"children": children}, "b"

    def _operator(self, node: Node) -> tuple[Node, str]:
        kind = node["type"]
        if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            return {"children": [self._presence(node["children"][0])]}, "b"
        if kind == "OPERATOR_COALESCE":
            children, kinds = self._lenient(node["children"])
            return {"children": children}, _same(kinds, "coalesce")
        if kind not in ("OPERATOR_NOT", "COMPARE_IN", "OPERATOR_TRY"):
            raise RefusedError(_refusal(node))
        children, kinds = self._all(node["children"])
        if kind == "OPERATOR_NOT":
            _boolean(kinds, "NOT")
        elif kind == "COMPARE_IN":
            if "l" in kinds[1:]:
                raise RefusedError("has IN with a list; write list_contains(the list, the value)")
            _same(kinds, "IN")
        return {"children": children}, kinds if kind == "OPERATOR_TRY" else "b"

    def _presence(self, node: Node) -> Node:
        """The operand of IS NULL, which may be a joined record, and whose NULL does not make the result NULL."""
        names: list[str] = node.get("column_names", []) if node["class"] == "COLUMN_REF" else []
        if len(names) == 1 and names[0] in self.table.joins and names[0] not in self.table.by_name:
            self.joins.add(names[0])
            return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": [f"{names[0]}.row"]}
        strict = set(self._strict)
        rebuilt, _ = self._visit(node)
        self._strict = strict
        return rebuilt

    def _between(self, node: Node) -> tuple[Node, str]:
        keys = ("input", "lower", "upper")
        children, kinds = self._all([node[key] for key in keys])
        _same(kinds, "BETWEEN")
        return dict(zip(keys, children, strict=True)), "b"

    def _case(self, node: Node) -> tuple[Node, str]:
        whens, kinds = self._all([check["when_expr"] for check in node["case_checks"]])
        _boolean(kinds, "WHEN")
        thens, kinds = self._all([check["then_expr"] for check in node["case_checks"]] + [node["else_expr"]])
        checks = [{"when_expr": when, "then_expr": then} for when, then in zip(whens, thens, strict=False)]
        return {"case_checks": checks, "else_expr": thens[-1]}, _same(kinds, "CASE")

    def _cast(self, node: Node) -> tuple[Node, str]:
        wanted = node["type_expr"]
        name = str(wanted.get("type_name", "")).upper()
        if name not in CASTS or wanted.get("children") or wanted.get("schema") or wanted.get("catalog"):
            raise RefusedError(f"casts to {name or 'a type'}; casts are allowed to {', '.join(CASTS)}")
        child, kind = self._visit(node["child"])
        if kind == "l":
            raise RefusedError("casts a list, which is not allowed")
        # Always TRY_CAST: what cannot be cast is NULL, without an error to be caught on each such row.
        return {"child": child, "try_cast": True, "type_expr": _type(name)}, CASTS[name]

    def _function(self, node: Node) -> tuple[Node, str]:
        name = str(node["function_name"]).lower()
        is_operator = bool(node["is_operator"])
        listed = OPERATORS if is_operator else FUNCTIONS
        if node["schema"] or node["catalog"] or name not in listed:
            raise RefusedError(_no_function(node, name))
        order = node["order_bys"]
        if node["filter"] or node["distinct"] or node["export_state"] or (order and order["orders"]):
            raise RefusedError(f"has DISTINCT, FILTER or ORDER BY in {name}, which is for aggregates")
        if any(argument["name"] for argument in node["arguments"]):
            raise RefusedError(f"names an argument of {name}; arguments go by position")
        visit = self._lenient if name in SKIPS_NULL else self._all
        arguments, kinds = visit([argument["expression"] for argument in node["arguments"]])
        self.says_null |= name == "nullif"
        signature, result = listed[name]
        if not fits(signature, kinds):
            given = ", ".join(KINDS[kind] for kind in kinds) or "nothing"
            raise RefusedError(f"has {name} of {given}; it takes {takes(signature)}")
        rebuilt = {
            "function_name": name, "schema": "", "catalog": "", "filter": None, "distinct": False,
            "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "is_operator": is_operator, "export_state": False,
            "arguments": [{"name": "", "expression": argument} for argument in arguments],
            "qualified_name": {"path": [name]},
        }  # fmt: skip
        if result == "=":
            result = next((kind for kind in reversed(kinds) if kind != "z"), "z")
        return rebuilt, result


def _type(name: str) -> Node:
    """A type by its plain name, or a list of it."""
    element = name.removesuffix("[]")
    node: Node = {
        "class": "TYPE", "type": "TYPE", "alias": "", "catalog": "", "schema": "", "type_name": element,
        "children": [], "qualified_name": {"path": [element]},
    }  # fmt: skip
    if element == name:
        return node
    return {**node, "type_name": "list", "children": [node], "qualified_name": {"path": ["list"]}}


def _same(kinds: str, where: str) -> str:
    """The one kind that all have, NULL aside. Raises RefusedError."""
    found = sorted(set(kinds) - {"z"}, key=kinds.index)
    if len(found) > 1:
        advice = "; a number is written without quotes" if set(found) == {"n", "t"} else ""
        raise RefusedError(f"has {where} between {KINDS[found[0]]} and {KINDS[found[1]]}{advice}")
    return found[0] if found else "z"


def _boolean(kinds: str, where: str) -> None:
    for kind in kinds:
        if kind not in "bz":
            raise RefusedError(
                f"has {where} with {KINDS[kind]}, which must be TRUE or FALSE: compare it with something"
            )


def _no_function(node: Node, name: str) -> str:
    if node["is_operator"]:
        return f"has the operator {name}, which is not allowed; allowed are {' '.join(OPERATORS)}"
    if name in ("count_star", "count", "sum", "avg", "min", "max", "any_value", "median", "list", "string_agg"):
        return f"has the aggregate {name}; a predicate sees one row, counts over rows are columns of `sources`"
    near = get_close_matches(name, FUNCTIONS, 1, 0.7)
    advice = f". Did you mean {near[0]}?" if near else f"; allowed are {', '.join(FUNCTIONS)}"
    return f"calls {name}, which is not allowed{advice}"


def _refusal(node: Node) -> str:
    kind = node["class"] if node["class"] != "OPERATOR" else node["type"]
    return {
        "SUBQUERY": "has a subquery; a predicate sees one row and the records joined to it",
        "WINDOW": "has a window function; a predicate sees one row",
        "LAMBDA": "has a lambda, which is not allowed",
        "STAR": "has a *, where a column must be named",
        "ARRAY_EXTRACT": "has [...]; a column of a joined record is written image.width, and lists have list_contains",
        "ARRAY_SLICE": "has [...], which is not allowed; texts have substring",
        "STRUCT_EXTRACT": "has (...).name; a column of a joined record is written image.width",
        "COLLATE": "has COLLATE, which is not allowed; use lower(...)",
    }.get(kind, f"has {kind.lower().replace('_', ' ')}, which is not allowed")
