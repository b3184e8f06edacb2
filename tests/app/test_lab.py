"""`lrlab lab`, started as a user starts it: reached from this machine only, never without its token."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

import lrlab
from lrlab.app import lab, lessons, server
from lrlab.app.lessons import FIRST_LESSON as FIRST
from lrlab.app.main import main
from tests.browser.jupyter import write_notebook

ROOT = Path(lrlab.__file__).parents[1]
COMMAND = Path(sys.executable).with_name("lrlab")

# A configuration that opens a server as far as it goes. Plain `jupyter lab` obeys it.
HOSTILE = """
c = get_config()
c.ServerApp.ip = c.NotebookApp.ip = "0.0.0.0"
c.ServerApp.allow_remote_access = True
c.ServerApp.allow_origin = "*"
c.ServerApp.disable_check_xsrf = True
c.ServerApp.token = c.ServerApp.password = ""
c.IdentityProvider.token = ""
c.PasswordIdentityProvider.token = c.PasswordIdentityProvider.hashed_password = ""
c.ServerApp.contents_manager_class = "a_package.that_is_not_installed"
"""


@dataclass(frozen=True)
class Server:
    address: str  # as printed, without the query
    token: str  # as printed
    said: str
    process: psutil.Process

    @property
    def port(self) -> int:
        return int(re.search(r":(\d+)/", self.address)[1])

    def get(self, path: str, token: str | None, **headers: str) -> int:
        """The status of the answer to a GET."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        if token is not None:
            request.add_header("Authorization", f"token {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code


def user(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user with that home, and without a screen."""
    dropped = ("JUPYTER", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"HOME": str(home), "PYTHONUNBUFFERED": "1"} | more


@contextmanager
def running(command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """The server, from when it answers until the block ends."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield wait_for(process, log)
    finally:
        process.terminate()  # Jupyter ends its kernels first
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen[bytes], log: Path) -> Server:
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        said = log.read_text()
        if printed := re.search(r"(http://\S+)\?token=(\S+)\n", said):
            server = Server(printed[1], printed[2], said, psutil.Process(process.pid))
            try:
                server.get("/api", None)
                return server
            except OSError:  # not listening yet
                pass
        time.sleep(0.05)
    pytest.fail(f"`lrlab lab` did not start (exit code {process.poll()}). It said:\n{log.read_text()}")


@pytest.fixture(scope="module")
def taken() -> Iterator[int]:
    """A port that something else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, taken: int) -> Iterator[Server]:
    """`lrlab lab` of this checkout, for a user with hostile configuration files everywhere, on a port that is taken."""
    home = tmp_path_factory.mktemp("home")
    for folder in (home / ".jupyter", home / "more", home / ".local/etc/jupyter"):
        folder.mkdir(parents=True)
        for name in ("jupyter", "jupyter_server", "jupyter_lab", "jupyter_notebook"):
            (folder / f"{name}_config.py").write_text(HOSTILE)
    command = [COMMAND, "lab", f"--port={taken}"]
    with running(command, home, user(home, JUPYTER_CONFIG_PATH=str(home / "more")), home / "log") as server:
        yield server


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_no_answer_without_the_token(checkout: Server, token: str | None) -> None:
    assert checkout.get("/api/contents", token) == 403
    assert checkout.get("/api/kernels", token) == 403


def test_the_printed_token_opens_it(checkout: Server) -> None:
    assert len(checkout.token) >= 40
    assert checkout.get("/api/contents", checkout.token) == 200
    assert urllib.request.urlopen(f"{checkout.address}?token={checkout.token}", timeout=30).status == 200


def test_it_listens_on_this_machine_only(checkout: Server) -> None:
    listening = [each.laddr for each in checkout.process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert checkout.port in {address.port for address in listening}
    assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}


def test_it_does_not_answer_other_sites(checkout: Server) -> None:
    assert checkout.get("/api", None) == 200  # its version: no secret
    assert checkout.get("/api", None, Origin="http://example.com") == 404


def test_voila_which_obeys_files_of_the_user_is_not_beside_it(checkout: Server) -> None:
    assert checkout.get("/voila", checkout.token) == 404
    assert "voila.server_extension | extension was successfully" not in checkout.said


def test_the_token_is_in_no_command_line(checkout: Server) -> None:
    assert not any(checkout.token in word for word in checkout.process.cmdline())


def test_a_taken_port_makes_it_take_another(checkout: Server, taken: int) -> None:
    assert checkout.port != taken
    assert f"The port {taken} is already in use" in checkout.said


def test_it_says_what_it_did_for_this_machine(checkout: Server) -> None:
    assert ("run as root" in checkout.said) == (hasattr(os, "geteuid") and os.geteuid() == 0)
    assert ("no screen" in checkout.said) == (sys.platform == "linux")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """Plain `lrlab` as a wheel installs it, for a student who has changed the first lesson; and the lessons' folder."""
    site, home = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("student")
    shutil.copytree(ROOT / "lrlab", site / "lrlab", ignore=shutil.ignore_patterns("__pycache__", "lessons"))
    (site / "lrlab" / "lessons" / "data").mkdir(parents=True)
    write_notebook(site / "lrlab" / "lessons" / FIRST, ["'ours'"])
    (site / "lrlab" / "lessons" / "data" / "more.csv").write_text("1,2\n")
    mine = home / lessons.COPY
    mine.mkdir()
    write_notebook(mine / FIRST, ["'mine'"])
    command = [sys.executable, "-m", "lrlab.app.main", "--no-browser", "--port=8900", "--expose-app-in-browser"]
    with running(command, home, user(home, PYTHONPATH=str(site), JUPYTER_TOKEN="my-own"), home / "log") as server:
        yield server, mine


def test_the_lessons_of_a_wheel_are_copied_and_nothing_is_overwritten(installed: tuple[Server, Path]) -> None:
    server, mine = installed
    assert f"your lessons are in {mine}" in server.said
    assert "'mine'" in (mine / FIRST).read_text()
    assert (mine / "data" / "more.csv").read_text() == "1,2\n"
    assert server.address.endswith(f"/lab/tree/{FIRST}")
    assert server.get(f"/api/contents/{FIRST}", "my-own") == 200


def test_a_token_of_ones_own_is_used_and_not_printed(installed: tuple[Server, Path]) -> None:
    server, _ = installed
    assert server.get("/api/contents", None) == 403
    assert server.get("/api/contents", "my-own") == 200
    assert "my-own" not in server.said


@pytest.mark.browser
def test_nothing_pops_up_over_the_first_lesson(installed: tuple[Server, Path], browser: Browser) -> None:
    server, _ = installed
    with closing(browser.new_page()) as page:
        page.goto(f"{server.address}?token=my-own")
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady", timeout=60_000)
        # Until the plugins that wait for the restored page have had their turn; then the plugin that asks is not there.
        page.evaluate("jupyterapp.restored")
        page.wait_for_function("jupyterapp.isPluginActivated('@jupyterlab/apputils-extension:notification')")
        assert not page.evaluate(f"jupyterapp.hasPlugin('{lab.NEWS_PLUGIN}')")
        assert not page.evaluate("jupyterapp.listPlugins().some(name => name.includes('voila'))")
        assert page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts() == []
        assert page.get_by_text("'mine'").is_visible()


@pytest.mark.parametrize(
    "options",
    [
        "--ip=0.0.0.0",
        "--ip 0.0.0.0",
        "--ServerApp.ip=0.0.0.0",
        "--NotebookApp.ip=0.0.0.0",
        "--sock=/tmp/lrlab.sock",
        "--IdentityProvider.token=",
        "--PasswordIdentityProvider.hashed_password=",
        "--ServerApp.password=",
        "--ServerApp.identity_provider_class=mine.NoToken",
        "--ServerApp.allow_remote_access=True",
        "--ServerApp.allow_origin=*",
        "--ServerApp.disable_check_xsrf=True",
        "--config=/tmp/config.py",
        "--no-b",
        "list",
        "-- --ip=0.0.0.0",
    ],
)
def test_other_options_are_refused(options: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--port=8901", *options.split()]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"lrlab does not take '{options}' here" in said.err
    assert "lrlab lab --help" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8e3", "8888,8889", "²"])
def test_a_port_is_a_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([f"--port={port}"])
    assert stop.value.code == 2
    assert f"from 1 to 65535, not '{port}'" in capsys.readouterr().err


def test_a_configuration_that_gets_through_stops_the_start(tmp_path: Path) -> None:
    # The environment's own files are read, and notebook_shim lets this one win over the command line.
    (tmp_path / "jupyter_server_config.py").write_text('c = get_config()\nc.NotebookApp.ip = "0.0.0.0"\n')
    code = f"""
        import sys, jupyter_core.paths
        jupyter_core.paths.ENV_CONFIG_PATH.insert(0, {str(tmp_path)!r})
        from lrlab.app.lab import serve
        from pathlib import Path
        sys.exit(serve(Path({str(tmp_path)!r}), ["--no-browser", "--allow-root"]))
    """
    command = [sys.executable, "-c", "\n".join(line.strip() for line in code.splitlines())]
    ended = subprocess.run(command, env=user(tmp_path), capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2, ended.stderr
    assert "Jupyter's ip has to be '127.0.0.1', and a configuration file makes it '0.0.0.0'" in ended.stderr


def test_the_browser_opens_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = dict.fromkeys(server.OPTIONS)

    def options(platform: str, environment: dict[str, str], **chosen: object) -> list[str]:
        monkeypatch.setattr(sys, "platform", platform)
        return server.jupyter_options(nothing | {f"--{name}": value for name, value in chosen.items()}, environment)

    assert "--no-browser" in options("linux", {})
    assert "--no-browser" in options("linux", {"DISPLAY": ""})
    assert "--no-browser" not in options("linux", {"DISPLAY": ":0"})
    assert "--no-browser" not in options("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    assert "--no-browser" not in options("linux", {"BROWSER": "an editor's own"})
    assert "--no-browser" not in options("linux", {}, browser="w3m")
    assert "--no-browser" not in options("darwin", {})


def test_a_copy_is_not_made_inside_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package" / "lessons").mkdir(parents=True)
    (tmp_path / "package" / "lessons" / FIRST).write_text("{}")
    (tmp_path / lessons.COPY).mkdir()
    monkeypatch.setattr(lessons, "PACKAGE", tmp_path / "package")
    monkeypatch.chdir(tmp_path / lessons.COPY)
    assert lessons.lessons_folder() == tmp_path / lessons.COPY
    assert (tmp_path / lessons.COPY / FIRST).read_text() == "{}"


def test_a_folder_that_cannot_be_written_to_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / FIRST).write_text("{}")
    (tmp_path / lessons.COPY).write_text("a file where the folder should be")
    monkeypatch.setattr(lessons, "PACKAGE", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["lab"]) == 2
    assert "that failed" in capsys.readouterr().err


def test_missing_lessons_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lessons, "PACKAGE", tmp_path / "lrlab")
    assert main([]) == 2
    assert f"{tmp_path / 'lessons'} is missing" in capsys.readouterr().err


def test_help_and_version_do_not_load_jupyter(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import sys, lrlab.app.main; print({name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "'lrlab'" in loaded
    assert not re.search("jupyter|tornado|numpy|matplotlib|tensorflow", loaded)
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"lrlab {lrlab.__version__}\n"
