"""docker-compose.redmine.yml and the Dockerfile against the code, as far as that goes without Docker."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.redmine.yml"
DOCKERFILE = ROOT / "Dockerfile"
EXAMPLE = ROOT / ".env.example"

CONNECTOR_SERVICES = ("connector-web", "connector-worker")
ONE_SHOT = {"setup"}
# What the connector never gets from the compose file: given by hand, for one command.
BY_HAND = {"SOP_REDMINE_ADMIN_KEY"}
# Secrets that may be missing: passed on from .env, for compose refuses a secret file that is not set.
OPTIONAL = {"SOP_ALERT_TOKEN"}
SECRET = re.compile(r"(PASSWORD|SECRET|_KEY|TOKEN)")
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::?(?P<kind>[-?])(?P<rest>(?:[^{}]|\$\{[^{}]*\})*))?\}")


@cache
def compose() -> dict[str, Any]:
    document = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def environment(service: str) -> dict[str, str | None]:
    found: dict[str, str | None] = services()[service].get("environment", {})
    return found


def expand(text: str) -> str:
    """As compose does when the environment is empty: `${X:-1}` is `1`."""
    while match := VARIABLE.search(text):
        value = match["rest"] if match["kind"] == "-" else ""
        text = text[: match.start()] + value + text[match.end() :]
    return text


def variables() -> Iterator[tuple[str, str | None, str | None]]:
    """(name, `-` or `?`, default or message) of every variable in the file, nested ones too."""
    text = COMPOSE.read_text(encoding="utf-8")
    start = 0
    while match := VARIABLE.search(text, start):
        yield match["name"], match["kind"], match["rest"]
        start = match.start() + 2


def example_names() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))


def sop_names(service: str) -> set[str]:
    """The SOP_ settings a service is given; `SOP_X_FILE` gives SOP_X."""
    return {name.removesuffix("_FILE") for name in environment(service) if name.startswith("SOP_")}


def dockerfile_stages() -> list[str]:
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.split(r"^(?=FROM )", text, flags=re.MULTILINE)[1:]


# the connector's settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("service", CONNECTOR_SERVICES)
def test_every_setting_given_exists_in_the_code(service: str) -> None:
    from connector.settings import Settings

    fields = {f"SOP_{name.upper()}" for name in Settings.model_fields}
    given = sop_names(service)
    assert given, "no SOP_ variable at all"
    assert given <= fields


@pytest.mark.parametrize("service", CONNECTOR_SERVICES)
def test_every_required_setting_is_given(service: str) -> None:
    from connector.settings import Settings

    required = {f"SOP_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
    assert required <= sop_names(service) | set(re.findall(r"SOP_[A-Z_]+", dockerfile_stages()[-1]))


def test_web_and_worker_have_the_same_settings() -> None:
    web, worker = (environment(service) for service in CONNECTOR_SERVICES)
    assert web == worker


@pytest.mark.parametrize("service", CONNECTOR_SERVICES)
def test_no_admin_key_is_kept(service: str) -> None:
    assert not BY_HAND & sop_names(service)


def test_the_image_names_the_folders_it_carries() -> None:
    from connector.settings import Settings

    final = dockerfile_stages()[-1]
    for variable, folder in (("SOP_MAPPINGS_DIR", "sop_mappings"), ("SOP_TEMPLATES_DIR", "templates")):
        assert variable.removeprefix("SOP_").lower() in Settings.model_fields
        assert f"COPY {folder}/ {folder}/" in final
        assert f"{variable}=/app/{folder}" in final
    assert "WORKDIR /app" in final


@pytest.mark.parametrize("service", CONNECTOR_SERVICES)
def test_the_command_is_one_of_the_connector(service: str) -> None:
    import click

    from connector.cli import main

    assert isinstance(main, click.Group)
    name, *arguments = services()[service]["command"]
    command = main.commands[name]
    command.make_context(name, list(arguments))  # parses the options, runs nothing


def test_the_images_own_command_is_that_of_the_web_service() -> None:
    final = dockerfile_stages()[-1]
    entrypoint = re.search(r"^ENTRYPOINT (\[.*\])$", final, flags=re.MULTILINE)
    command = re.search(r"^CMD (\[.*\])$", final, flags=re.MULTILINE)
    assert entrypoint
    assert command
    assert ast.literal_eval(entrypoint[1]) == ["connector"]
    assert ast.literal_eval(command[1]) == services()["connector-web"]["command"]


# addresses ------------------------------------------------------------------------------------------------


def host_ports() -> dict[str, list[str]]:
    return {
        name: [expand(port) for port in service["ports"]]
        for name, service in services().items()
        if "ports" in service
    }


def test_ports_are_on_the_loopback_address_and_the_contracts() -> None:
    assert host_ports() == {
        "redmine": ["127.0.0.1:3000:3000"],
        "connector-web": ["127.0.0.1:8000:8000"],
        "mail": ["127.0.0.1:8025:8025"],
    }
    assert {"REDMINE_PORT", "CONNECTOR_PORT"} <= {name for name, _, _ in variables()}


def test_the_ports_are_those_the_code_listens_on_by_default() -> None:
    from connector.cli import main

    ports = [option.default for option in main.commands["web"].params if option.name == "port"]
    assert [str(port) for port in ports] == [host_ports()["connector-web"][0].rsplit(":", 1)[1]]
    assert "EXPOSE 8000" in DOCKERFILE.read_text(encoding="utf-8")


def test_services_reach_each_other_by_name_and_port() -> None:
    values = environment("connector-web")
    assert values["SOP_REDMINE_URL"] == "http://redmine:3000"
    assert values["SOP_SMTP_URL"] == "smtp://mail:1025"
    assert expand(values["SOP_PUBLIC_URL"] or "") == "http://127.0.0.1:8000"
    assert expand(values["SOP_REDMINE_PUBLIC_URL"] or "") == "http://127.0.0.1:3000"
    assert "@db:5432/sop_connector" in (values["SOP_DATABASE_URL"] or "")
    for front in ("redmine", "mail", "connector-web", "connector-worker"):
        assert "front" in services()[front]["networks"]
    for data in ("db", "redmine", "connector-web", "connector-worker", "setup"):
        assert "data" in services()[data]["networks"]


def test_the_webhook_goes_to_the_connector() -> None:
    url = environment("setup")["SOP_WEBHOOK_URL"]
    assert url == "http://connector-web:8000/webhooks/redmine"
    blueprint = (ROOT / "webhooks/blueprint.py").read_text(encoding="utf-8")
    strings = [node.value for node in ast.walk(ast.parse(blueprint)) if isinstance(node, ast.Constant)]
    assert "/webhooks/redmine" in strings or {"/webhooks", "/redmine"} <= set(strings)


def test_redmines_mail_goes_to_the_mail_catcher() -> None:
    text = (ROOT / "docker/configuration.yml").read_text(encoding="utf-8")
    delivery = yaml.safe_load(text)["default"]["email_delivery"]
    assert delivery == {"delivery_method": ":smtp", "smtp_settings": {"address": "mail", "port": 1025}}


# secrets --------------------------------------------------------------------------------------------------


def test_no_secret_has_a_default() -> None:
    secrets = [(name, kind, rest) for name, kind, rest in variables() if SECRET.search(name)]
    assert secrets
    assert all(kind == "?" and rest for _, kind, rest in secrets), secrets


@pytest.mark.parametrize("name", sorted(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]))
def test_no_secret_is_written_in_a_service(name: str) -> None:
    for variable, value in environment(name).items():
        if variable in OPTIONAL:
            assert value is None
        elif SECRET.search(variable):
            assert value, variable
            assert value.startswith(("/run/secrets/", "${")), variable
        elif "://" in (value or "") and "@" in (value or ""):
            password = re.search(r"://[^:/]+:(.+)@", value or "")
            assert password
            assert VARIABLE.fullmatch(password[1]), f"{variable} holds a password"


def test_secrets_come_from_the_environment_and_are_refused_when_missing() -> None:
    made_by_setup = {"SOP_REDMINE_API_KEY", "SOP_WEBHOOK_SECRET"}
    sources = {secret["environment"] for secret in compose()["secrets"].values()}
    required = {match["name"] for entry in compose()["x-required"] if (match := VARIABLE.fullmatch(entry))}
    assert len(required) == len(compose()["x-required"])
    assert sources == required | made_by_setup


@pytest.mark.parametrize("name", sorted(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]))
def test_a_service_has_the_secrets_it_reads(name: str) -> None:
    given = services()[name].get("secrets", [])
    assert set(given) <= set(compose()["secrets"])
    read = {
        Path(value).name
        for variable, value in environment(name).items()
        if value and variable.endswith("_FILE") and value.startswith("/run/secrets/")
    }
    assert read <= set(given)


def test_the_example_names_every_variable_and_no_value_of_a_secret() -> None:
    passed_on = {
        name for service in services() for name, value in environment(service).items() if value is None
    }
    wanted = {name for name, _, _ in variables()} | passed_on
    wanted |= {secret["environment"] for secret in compose()["secrets"].values()}
    assert example_names() == wanted
    for name, value in re.findall(
        r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE
    ):
        assert not (SECRET.search(name) and value), name


# files, images, health ------------------------------------------------------------------------------------


def mounts() -> Iterator[tuple[str, str, str, str]]:
    for name, service in services().items():
        for volume in service.get("volumes", []):
            source, target, *mode = volume.split(":")
            yield name, source, target, ",".join(mode)


def test_every_mount_is_a_named_volume_or_a_file_of_the_project_mounted_read_only() -> None:
    named = set(compose()["volumes"])
    hosted = 0
    for service, source, target, mode in mounts():
        assert target.startswith("/"), service
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert mode == "ro", f"{service}: {source}"
            hosted += 1
        else:
            assert source in named, source
    assert hosted
    assert named == {source for _, source, _, _ in mounts() if not source.startswith(".")}


@pytest.mark.parametrize("service", ["redmine", "setup"])
def test_the_plugin_is_mounted_in_a_folder_of_its_own_name(service: str) -> None:
    init = (ROOT / "webhooks/redmine_sop/init.rb").read_text(encoding="utf-8")
    registered = re.search(r"^Redmine::Plugin\.register :(\w+)", init, flags=re.MULTILINE)
    assert registered
    targets = [
        target
        for name, source, target, _ in mounts()
        if (name, source) == (service, "./webhooks/redmine_sop")
    ]
    assert targets == [f"/usr/src/redmine/plugins/{registered[1]}"]


def test_the_setup_task_is_one_of_the_plugin() -> None:
    tasks = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "webhooks/redmine_sop/lib/tasks").glob("*.rake")
    )
    assert services()["setup"]["command"] == ["rake", "redmine:load_default_data", "redmine:sop:setup"]
    assert re.search(r"namespace :redmine do\s+namespace :sop do", tasks)
    assert "task setup:" in tasks
    assert "ENV['SOP_WEBHOOK_URL']" in tasks
    assert services()["setup"]["profiles"] == ["setup"]


def test_every_service_has_a_health_check_and_waits_for_healthy_ones() -> None:
    for name, service in services().items():
        if name in ONE_SHOT:
            assert "profiles" in service
            assert "restart" not in service
        else:
            assert service["healthcheck"]["test"][0] == "CMD", name
            assert service["restart"] == "unless-stopped"
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}, name
            assert "healthcheck" in services()[other]


@pytest.mark.parametrize("service", CONNECTOR_SERVICES)
def test_a_python_health_check_compiles(service: str) -> None:
    kind, program, flag, code = services()[service]["healthcheck"]["test"]
    assert (kind, program, flag) == ("CMD", "python", "-c")
    compile(code, service, "exec")


def test_every_image_is_pinned() -> None:
    images = {service["image"] for service in services().values()} - {"redmine-sop-connector:local"}
    images |= set(re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert images
    for image in images:
        assert re.fullmatch(r"[a-z/-]+:v?\d+(\.\d+)*(-[a-z-]+)?", image), image
    assert services()["redmine"]["image"] == "redmine:7.0"


# the Dockerfile -------------------------------------------------------------------------------------------


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", "".join(dockerfile_stages()), flags=re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_what_the_dockerfile_copies_is_there_and_not_ignored() -> None:
    kept = set(
        re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert source.rstrip("/") in kept, f"{source} is left out by .dockerignore"


def test_the_connector_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)$", dockerfile_stages()[-1], flags=re.MULTILINE)
    assert users
    assert users[-1] not in ("0", "root")


def test_the_image_installs_locked_packages() -> None:
    for line in "".join(dockerfile_stages()).splitlines():
        for call in re.findall(r"pip install [^&]*", line):
            assert "--require-hashes" in call or "--no-index" in call, call


# this file's own reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:${A:-1}:2", "127.0.0.1:1:2"),
        ("${A:-http://x:${B:-3}}", "http://x:3"),
        ("${A:?why} ${B}", " "),
        ("plain", "plain"),
    ],
)
def test_expand(text: str, expected: str) -> None:
    assert expand(text) == expected
