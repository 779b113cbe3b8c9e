"""``hutong bridge certificate``, and the port on which the certificate is shown."""

import socket
import ssl
import sys
from pathlib import Path

import pytest

from hutong.bridges import HOSTS
from hutong.cli import main
from hutong.cli.listening import bind_tls, certificates_in, check_tls
from hutong.infra.certificates import tls_files
from hutong.kit.errors import HutongError
from hutong.settings import Settings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def make(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["hutong", "bridge", "certificate", "--data", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


def test_it_says_whom_to_give_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, monkeypatch)
    first = capsys.readouterr().out
    make(tmp_path, monkeypatch)
    second = capsys.readouterr().out

    assert all(host in first for host in HOSTS)
    assert "authority.pem" in first
    assert "HUTONG_BRIDGE_TLS_PORT" in first
    assert "authority.pem" not in second


def test_without_a_certificate_nothing_is_shown(tmp_path: Path) -> None:
    check_tls(Settings(data=tmp_path))
    with pytest.raises(HutongError, match="Run hutong bridge certificate first"):
        check_tls(Settings(data=tmp_path, bridge_tls_port=free_port()))


def test_several_processes_share_the_port_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, monkeypatch)
    settings = Settings(data=tmp_path, bridge_tls_port=free_port())
    with bind_tls(settings), bind_tls(settings):
        pass
    with (
        socket.create_server(("127.0.0.1", settings.bridge_tls_port)),
        pytest.raises(HutongError, match="Cannot listen"),
    ):
        check_tls(settings)


def test_the_certificate_can_be_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, monkeypatch)
    files = tls_files(certificates_in(Settings(data=tmp_path)))
    assert files is not None
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files["ssl_certfile"], files["ssl_keyfile"])
