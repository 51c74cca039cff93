"""Where the Jinja of a Word template runs: no attribute that leads out, no call but harmless ones, names not known told."""

from __future__ import annotations

from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2 import Undefined
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

_OWNERS = (str, int, float, list, tuple, dict)  # of methods that may be called
_LEFT_OUT = ("attr", "pprint", "xmlattr", "random", "format", "filesizeformat")  # filters; `format` could ask for gigabytes


class Environment(ImmutableSandboxedEnvironment):
    """Jinja for strangers. `unknown` gathers names that a template used and the paper has not."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        super().__init__(autoescape=True, undefined=_telling(self.unknown), loader=None)
        self.globals = {"range": self.globals["range"]}
        for name in _LEFT_OUT:
            self.filters.pop(name, None)

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
            return Telling(name=f"{self._undefined_name}.{key}")

    return Telling
