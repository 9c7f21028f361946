"""All rulesets ever published: today's, and those that stored assessments name."""

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.screening.parsing import parse
from hotline.screening.ruleset import Ruleset, RulesetError

CURRENT = "screening"


@dataclass(frozen=True, slots=True)
class Rulesets:
    """`current` judges new answers; `versions` holds it and every older one by version."""

    current: Ruleset
    versions: Mapping[str, Ruleset]

    def of(self, version: str) -> Ruleset:
        """The ruleset a record names; raises `RulesetError` if that version is not kept."""
        if version not in self.versions:
            raise RulesetError(f"screening: version {version} is not kept")
        return self.versions[version]


def parse_all(files: Mapping[str, object]) -> Rulesets:
    """Read every file of the folder, by name without suffix.

    `screening` is today's, `screening-<version>` an older one. Raises `RulesetError`, also for a
    file whose name does not fit its version, and for one version in two files.
    """
    if CURRENT not in files:
        raise RulesetError(f"screening: {CURRENT} is missing")
    current = parse(files[CURRENT])
    versions = {current.version: current}
    for name, mapping in files.items():
        if name == CURRENT:
            continue
        ruleset = parse(mapping)
        if name != f"{CURRENT}-{ruleset.version}":
            raise RulesetError(f"screening: {name} holds version {ruleset.version}")
        if ruleset.version in versions:
            raise RulesetError(f"screening: version {ruleset.version} stands in two files")
        versions[ruleset.version] = ruleset
    return Rulesets(current, versions)
