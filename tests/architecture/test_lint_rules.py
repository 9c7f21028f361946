"""The linter refuses what the house forbids, where it is forbidden, and allows it where it is not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CASES = (
    ("hotline/cases/service.py", "from datetime import datetime\nx = datetime.now()", "TID251"),
    ("hotline/cases/service.py", "import datetime\nx = datetime.date.today()", "TID251"),
    ("hotline/cases/service.py", "import time\nx = time.time()", "TID251"),
    ("hotline/cases/service.py", "import uuid\nx = uuid.uuid4()", "TID251"),
    ("hotline/cases/service.py", "import secrets\nx = secrets.token_hex()", "TID251"),
    ("hotline/cases/service.py", "import random\nx = random.random()", "TID251"),
    ("hotline/web/app.py", "import os\nx = os.environ", "TID251"),
    ("hotline/web/app.py", "import os\nx = os.getenv('A')", "TID251"),
    ("hotline/web/app.py", "from gettext import gettext\nx = gettext('a')", "TID251"),
    ("hotline/channels/telegram/x.py", "from telegram.ext import Application", "TID251"),
    ("hotline/web/app.py", "from . import security", "TID252"),
    ("hotline/web/app.py", "print('x')", "T201"),
    ("hotline/outbox/x.py", "def f(c, t):\n    return c.execute(f'select * from {t}')", "S608"),
)
ALLOWED = (
    ("hotline/config.py", "import os\nx = os.environ", "TID251"),
    ("hotline/crypto.py", "import secrets\nx = secrets.token_bytes(1)", "TID251"),
    ("tests/unit/test_x.py", "import random\nx = random.random()", "TID251"),
)


def codes(name: str, text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [str(ruff), "check", "--no-cache", "--output-format=concise", "--stdin-filename", name, "-"],
        cwd=ROOT, input=text, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "text", "code"), CASES)
def test_what_is_forbidden_is_refused(name: str, text: str, code: str):
    assert code in codes(name, text)


@pytest.mark.parametrize(("name", "text", "code"), ALLOWED)
def test_what_is_allowed_is_accepted(name: str, text: str, code: str):
    assert code not in codes(name, text)
