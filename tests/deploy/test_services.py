"""The service units, the container files and the proxy: what can be checked without starting them."""

import fnmatch
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
UNITS = [*SERVICES, *sorted(DEPLOY.glob("*.timer"))]

HARDENING = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "CapabilityBoundingSet": "",
    "LimitCORE": "0",
    "UMask": "0077",
    "User": "hotline",
}


def settings_of(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign:
            found.setdefault(name, []).append(value)
    return found


def test_there_are_units_for_server_worker_upgrade_and_backup():
    names = {path.stem for path in SERVICES}
    assert names == {"hotline-serve", "hotline-worker", "hotline-upgrade", "hotline-backup"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path):
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not installed here")
    # The programs are looked for in a folder of the test's own: /srv/hotline is not on this machine.
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for other in UNITS:
        text = re.sub(
            r"/srv/hotline/\.venv/bin/hotline|/usr/bin/python3", str(program), other.read_text()
        )
        (tmp_path / other.name).write_text(text)
    done = subprocess.run(
        [verifier, "verify", "--man=no", str(tmp_path / unit.name)],
        check=False, capture_output=True, text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "hotline" in line]
    assert done.returncode == 0, done.stderr
    assert not complaints


def test_systemd_finds_a_planted_mistake(tmp_path: Path):
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not installed here")
    broken = (DEPLOY / "hotline-backup.service").read_text().replace("Type=oneshot", "Type=often")
    (tmp_path / "hotline-backup.service").write_text(broken)
    done = subprocess.run(
        [verifier, "verify", "--man=no", str(tmp_path / "hotline-backup.service")],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert "often" in done.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_every_service_is_shut_in(unit: Path):
    found = settings_of(unit)
    for name, value in HARDENING.items():
        assert found.get(name, [None])[-1] == value, f"{name} in {unit.name}"
    assert found["EnvironmentFile"] == ["/etc/hotline/settings.env"]


def test_the_commands_in_the_units_exist():
    from typer.testing import CliRunner

    from hotline import cli

    for unit in SERVICES:
        for command in settings_of(unit)["ExecStart"]:
            program, *arguments = command.split()
            if program.endswith("/hotline"):
                shown = CliRunner().invoke(cli.app, [*arguments, "--help"])
                assert shown.exit_code == 0, command
            else:
                assert (ROOT / arguments[0].removeprefix("/srv/hotline/")).is_file(), command


# ------------------------------------------------------------------------------ containers


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_compose_has_the_whole_hotline(compose: dict[str, Any]):
    assert {"app", "worker", "upgrade", "backup", "postgres", "caddy"} == set(compose["services"])


def test_compose_carries_no_secret(compose: dict[str, Any]):
    text = (DEPLOY / "compose.yaml").read_text()
    for service in compose["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|KEY|DATABASE_URL", name):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/")
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"secrets/{name}"}
    assert not re.search(r"[A-Za-z0-9+/]{40,}", text)
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"deploy/secrets/", "deploy/settings.env"} <= set(ignored)


def test_only_the_proxy_is_reachable_and_the_database_reaches_nobody(compose: dict[str, Any]):
    services = compose["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"caddy"}
    assert services["postgres"]["networks"] == ["store"]
    assert compose["networks"]["store"]["internal"] is True
    assert "store" not in services["caddy"]["networks"]


def test_services_that_answer_are_watched_and_start_in_order(compose: dict[str, Any]):
    services = compose["services"]
    for name in ("app", "postgres", "caddy"):
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "unless-stopped"
    for name in ("app", "worker"):
        needs = services[name]["depends_on"]["upgrade"]["condition"]
        assert needs == "service_completed_successfully"
    assert services["upgrade"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_everything_named_in_compose_is_declared(compose: dict[str, Any]):
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("networks", [])) <= set(compose["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), volume
            else:
                assert source in compose["volumes"], volume


def test_the_image_is_built_from_files_that_exist_and_runs_as_nobody_special():
    text = (DEPLOY / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert "--require-hashes" in text
    last_stage = text.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER hotline$", last_stage, re.MULTILINE)
    assert "HEALTHCHECK" in last_stage
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    assert kept[1] == "*", "everything is left out that is not named"
    assert "deploy/secrets" in kept


def test_secrets_become_settings(tmp_path: Path):
    (tmp_path / "hotline_telegram_token").write_text("12:a b'$x\n")
    (tmp_path / "hotline_twilio_auth_token").write_text("")
    (tmp_path / "postgres_password").write_text("other")
    done = subprocess.run(
        ["sh", str(DEPLOY / "with-secrets.sh"), "env"],
        check=False, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "SECRETS_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "HOTLINE_TELEGRAM_TOKEN=12:a b'$x" in lines
    assert not [line for line in lines if "TWILIO" in line or "PASSWORD" in line]


def test_keys_of_several_lines_come_through_whole(tmp_path: Path):
    (tmp_path / "hotline_keys").write_text("root k1 AAAA\nindex i1 BBBB\n")
    done = subprocess.run(
        ["sh", str(DEPLOY / "with-secrets.sh"), "sh", "-c", 'printf %s "$HOTLINE_KEYS"'],
        check=True, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "SECRETS_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout == "root k1 AAAA\nindex i1 BBBB"


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_shell_scripts_parse(script: Path):
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    assert "set -eu" in script.read_text()


# ------------------------------------------------------------------------------ the proxy


def test_the_proxy_lets_through_what_is_named_and_nothing_else():
    text = (DEPLOY / "Caddyfile").read_text()
    hooks = re.search(r"@hooks \{\s*method POST\s*path ([^\n]+)", text)
    assert hooks is not None
    assert hooks[1].split() == ["/hooks/telegram", "/hooks/twilio", "/hooks/twilio/status"]
    pages = re.search(r"@pages path ([^\n]+)", text)
    assert pages is not None
    for shut in ("sim", "demo", "metrics", "hooks"):
        assert shut not in pages[1]
    assert text.count("max_size") == 2
    assert "respond 404" in text
    assert text.count("{") == text.count("}")


def test_the_proxy_lets_through_every_page_of_the_program_and_no_demonstration():
    from hotline.web import app
    from hotline.web.routing import DEMO, HOOK

    text = (DEPLOY / "Caddyfile").read_text()
    hooks = re.search(r"@hooks \{\s*method POST\s*path ([^\n]+)", text)
    pages = re.search(r"@pages path ([^\n]+)", text)
    assert hooks is not None
    assert pages is not None

    def passes(path: str, matchers: str) -> bool:
        return any(fnmatch.fnmatchcase(path, matcher) for matcher in matchers.split())

    routes = app.declared()
    assert len(routes) > 10
    for route in routes:
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        matchers = hooks[1] if route.permit == HOOK else pages[1]
        assert passes(path, matchers) == (route.permit != DEMO), route.path
    assert passes("/static/app.js", pages[1])


def test_the_address_that_is_watched_for_health_exists():
    from hotline.web import app

    url = re.search(r"'8189'\)\}(/[a-z]+)\"", (DEPLOY / "healthy.py").read_text())
    assert url is not None
    assert url[1] in {route.path for route in app.declared()}


def test_the_proxy_keeps_no_record_of_who_came():
    text = (DEPLOY / "Caddyfile").read_text()
    for field in ("uri", "headers", "remote_ip", "client_ip"):
        assert f"request>{field} delete" in text
    site = text[text.index("{$HOTLINE_SITE}") :]
    assert not re.search(r"^\s*log\b", site, re.MULTILINE), "no access log for the site"


def test_caddy_understands_its_file():
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed here; its file is checked by shape only")
    done = subprocess.run(
        [caddy, "validate", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"],
        check=False, capture_output=True, text=True,
        env={**os.environ, "HOTLINE_SITE": "hotline.example"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
