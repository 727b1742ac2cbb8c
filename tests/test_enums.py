"""The enumerations of the package are what the standard library would have made of the same class statements."""

import enum
import importlib
import pickle
import pkgutil

import pytest

import mailtrace
from mailtrace import enums

MODULES = [
    found.name for found in pkgutil.walk_packages(mailtrace.__path__, "mailtrace.") if "__main__" not in found.name
]
OURS = {
    value
    for module in map(importlib.import_module, MODULES)
    for value in vars(module).values()
    if isinstance(value, enum.EnumType) and value.__module__.startswith("mailtrace.")
}


def made_by_the_library(ours):
    (kind,) = ours.__bases__
    body = enum.EnumType.__prepare__(ours.__name__, (kind,))
    for name, value in {
        "__module__": ours.__module__,
        "__qualname__": ours.__qualname__,
        "__doc__": ours.__doc__,
    }.items():
        body[name] = value
    for member in ours:
        body[member.name] = member.value
    return enum.EnumType(ours.__name__, (kind,), body)


@pytest.mark.parametrize(
    "ours", sorted(OURS, key=lambda one: (one.__module__, one.__qualname__)), ids=lambda one: one.__name__
)
def test_an_enumeration_is_what_the_standard_library_makes(ours):
    other = made_by_the_library(ours)
    assert len(ours) == len(ours.__members__) == len({str(name).casefold() for name in ours.__members__})
    assert [(m.name, m.value, str(m), repr(m), f"{m}") for m in ours] == [
        (m.name, m.value, str(m), repr(m), f"{m}") for m in other
    ]
    for member in ours:
        assert (ours(member.value), ours[member.name], getattr(ours, member.name)) == (member, member, member)
        assert (pickle.loads(pickle.dumps(member)) is member, hash(member)) == (True, hash(other[member.name]))
        assert member in ours
    with pytest.raises(ValueError, match="is not a valid"):
        ours("no such word")
    with pytest.raises(AttributeError):
        ours.NO_SUCH_WORD  # noqa: B018 - it is the naming that fails


def test_there_are_some():
    assert len(OURS) > 50
    assert {kind for one in OURS for kind in one.__bases__} == {enum.Enum, enum.StrEnum, enum.IntEnum}


def test_a_member_has_methods_and_auto_counts():
    class Colour(enums.StrEnum):
        """With a method."""

        RED = enum.auto()
        DARK_RED = "dark red"

        def shout(self) -> str:
            return self.upper()

    class Place(enums.Enum):
        FIRST = enum.auto()
        SECOND = enum.auto()

    assert [(one.value, one.shout()) for one in Colour] == [("red", "RED"), ("dark red", "DARK RED")]
    assert [one.value for one in Place] == [1, 2]
    assert Colour.__doc__ == "With a method."


def test_two_names_for_one_value_are_found_by_unique():
    with pytest.raises(ValueError, match="duplicate values"):

        @enum.unique
        class Twice(enums.StrEnum):
            ONE = "one"
            AGAIN = "one"
