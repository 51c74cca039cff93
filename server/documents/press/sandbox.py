"""Where the Jinja of a Word template runs: no attribute that leads out, no call but harmless ones, names not known told."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

_OWNERS = (str, int, float, list, tuple, dict)  # of methods that may be called
_LEFT_OUT = ("attr", "pprint", "xmlattr", "random", "format", "filesizeformat")  # filters; `format` could ask for gigabytes


class _Generator(CodeGenerator):
    """Compiles a look-up together with how the template writes it: Jinja would tell `nam` of `site.nam`."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - the name of its class
        self.write("environment.looked_up(")
        self.visit(node.node, frame)
        self.write(f", environment.getattr, {node.attr!r}, {written(node)!r})")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802 - see above
        if isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.looked_up(")
        self.visit(node.node, frame)
        self.write(", environment.getitem, ")
        self.visit(node.arg, frame)
        self.write(f", {written(node)!r})")


def written(node: nodes.Node) -> str:
    """A look-up as the template writes it, so that it can be searched for there: `site.nam`, `issues[0].descriptn`."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{written(node.node)}.{node.attr}"
        case nodes.Getitem(arg=nodes.Const(value=value)):
            return f"{written(node.node)}[{value!r}]"
        case nodes.Filter() if node.node is not None:
            return f"{written(node.node)}|{node.name}"
        case _:
            return "…"


class Environment(ImmutableSandboxedEnvironment):
    """Jinja for strangers. `unknown` gathers names that a template used and the paper has not."""

    code_generator_class = _Generator

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        super().__init__(autoescape=True, undefined=_telling(self.unknown), loader=None)
        self.globals = {"range": self.globals["range"]}
        for name in _LEFT_OUT:
            self.filters.pop(name, None)

    def looked_up(self, obj: Any, how: Callable[[Any, Any], Any], name: Any, path: str) -> Any:
        """What `obj` has under that name; if nothing, an undefined that goes by the whole `path`."""
        found = how(obj, name)
        if isinstance(found, Undefined):
            return self.undefined(name=path, exc=found._undefined_exception)
        return found

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, (*_OWNERS, LoopContext)) and super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        match obj:
            case BuiltinMethodType():
                return isinstance(obj.__self__, _OWNERS)
            case MethodType():
                return isinstance(obj.__self__, LoopContext)
            case Macro():
                return True
            case _:
                return obj is self.globals["range"]


def _telling(names: set[str]) -> type[Undefined]:
    """An undefined that is empty, goes on being undefined, and tells its name."""

    class Telling(Undefined):
        def _said(self) -> str:
            names.add(str(self._undefined_name))
            return ""

        def __str__(self) -> str:
            return self._said()

        def __iter__(self) -> Any:
            self._said()
            return iter(())

        def __bool__(self) -> bool:
            self._said()
            return False

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return Telling(name=f"{self._undefined_name}.{name}")

        def __getitem__(self, key: Any) -> Any:
            return Telling(name=f"{self._undefined_name}[{key!r}]")

    return Telling
