"""Trained models as bytes: built from the word lists, read back in a fraction of a second.

The bytes are a NumPy archive without pickles. They carry a fingerprint of the data they were made
from; a model of other data is refused, and built anew.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from hotline.understanding import alarm_training
from hotline.understanding.alarm import AlarmModel
from hotline.understanding.danger import DangerFinder
from hotline.understanding.data import BadWords, texts
from hotline.understanding.features import ConceptFinder
from hotline.understanding.intents import OUT_OF_SCOPE, Model
from hotline.understanding.language import LANGUAGES, SCRIPTS, Table, train as train_language
from hotline.understanding.training import examples, train as train_intents

VERSION: Final = "8"
"""Raise it whenever folding, features or training change: old compiled models are then refused."""

Data = Mapping[str, Any]
_LEARNT_FROM: Final = (
    "phrasings", "concepts", "language", "danger", alarm_training.FOLDER, "danger_concepts",
)  # fmt: skip


class Stale(ValueError):
    """The compiled model was made from other data or by another version."""


def fingerprint(data: Data) -> str:
    """Hash of all that the models depend on."""
    used = {key: data.get(key) for key in _LEARNT_FROM}
    text = json.dumps(used, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{VERSION}\n{text}".encode()).hexdigest()


def sentences(data: Data) -> dict[str, list[str]]:
    """Text by language: what was written for it, and the phrasings of all intents."""
    written = data.get("language")
    if not isinstance(written, Mapping):
        raise BadWords("language: a folder with a file per language is needed")
    found = {
        str(code): list(texts(listed, f"language/{code}.yaml", "text"))
        for code, entry in written.items()
        for listed in [entry.get("text") if isinstance(entry, Mapping) else None]
    }
    for intent, phrasings in sorted(_phrasings(data).items()):
        for language in ("ky", "ru", "tg"):
            listed = texts(phrasings.get(language, ()), f"phrasings/{intent}.yaml", language)
            if intent == OUT_OF_SCOPE or listed:
                found.setdefault(language, []).extend(listed)
    missing = {lang for script in SCRIPTS for lang in LANGUAGES[script]} - set(found)
    if missing:
        raise BadWords(f"language: no text for {', '.join(sorted(missing))}")
    return found


def _phrasings(data: Data) -> Mapping[str, Mapping[str, object]]:
    found = data.get("phrasings")
    if not isinstance(found, Mapping) or OUT_OF_SCOPE not in found:
        raise BadWords(f"phrasings: a folder with a file per intent and {OUT_OF_SCOPE} is needed")
    return found


def concepts_of(data: Data) -> ConceptFinder:
    """The concept lexicon. Raises `BadWords`."""
    return ConceptFinder(_mapping(data, "concepts"))


def danger_concepts_of(data: Data) -> ConceptFinder:
    """The concepts that the danger model sees. Raises `BadWords`."""
    return ConceptFinder(_mapping(data, "danger_concepts"))


def _mapping(data: Data, name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if not isinstance(found, Mapping):
        raise BadWords(f"{name}: missing, or no mapping")
    return found


def build(data: Data) -> bytes:
    """Train all models. Some seconds; the same data give the same bytes. Raises `BadWords`."""
    concepts = concepts_of(data)
    alarm = alarm_training.train(
        alarm_training.messages(_mapping(data, alarm_training.FOLDER), _phrasings(data)),
        DangerFinder(_mapping(data, "danger")),
        danger_concepts_of(data),
    )
    intents = train_intents(examples(_phrasings(data)), concepts)
    tables = train_language(sentences(data))
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "fingerprint": _packed([fingerprint(data)]),
        "intents": _packed(intents.intents),
        "features": _packed(intents.rows),
        "idf": intents.idf.astype(np.float16),
        "weights": intents.weights.astype(np.float16),
        "bias": intents.bias,
        "sharpness": np.array([intents.sharpness], np.float32),
        "alarm_names": _packed(alarm.names),
        "alarm_features": _packed(alarm.rows),
        "alarm_idf": alarm.idf.astype(np.float16),
        "alarm_weights": alarm.weights.astype(np.float16),
        "alarm_bias": alarm.bias,
    }
    for script, table in tables.items():
        arrays[f"{script}_grams"] = _packed(table.rows)
        arrays[f"{script}_weights"] = table.weights.astype(np.float16)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def load(compiled: bytes, data: Data) -> tuple[Model, dict[str, Table], AlarmModel]:
    """The models in the bytes. Raises `Stale` when they are broken or not of this data."""
    try:
        with np.load(io.BytesIO(compiled), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        same = _unpacked(arrays["fingerprint"]) == [fingerprint(data)]
        model = Model(
            rows={f: i for i, f in enumerate(_unpacked(arrays["features"]))},
            idf=arrays["idf"].astype(np.float32),
            weights=arrays["weights"].astype(np.float32),
            bias=arrays["bias"],
            intents=tuple(_unpacked(arrays["intents"])),
            sharpness=float(arrays["sharpness"][0]),
        )
        alarm = AlarmModel(
            rows={f: i for i, f in enumerate(_unpacked(arrays["alarm_features"]))},
            idf=arrays["alarm_idf"].astype(np.float32),
            weights=arrays["alarm_weights"].astype(np.float32),
            bias=arrays["alarm_bias"],
            names=tuple(_unpacked(arrays["alarm_names"])),
        )
        tables = {
            script: Table(
                rows={g: i for i, g in enumerate(_unpacked(arrays[f"{script}_grams"]))},
                weights=arrays[f"{script}_weights"].astype(np.float32),
                languages=LANGUAGES[script],
            )
            for script in SCRIPTS
        }
    except (
        zipfile.BadZipFile,
        ValueError,
        KeyError,
        OSError,
        EOFError,
        UnicodeDecodeError,
    ) as wrong:
        raise Stale(f"the compiled model cannot be read: {wrong.__class__.__name__}") from wrong
    if not same:
        raise Stale("the compiled model was made from other word lists")
    return model, tables, alarm


def _packed(names: Iterable[str]) -> np.ndarray[Any, Any]:
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _unpacked(packed: np.ndarray[Any, Any]) -> list[str]:
    return packed.tobytes().decode().split("\n")
