"""The connection to Severa itself: certificates, rights, sizes, types, other hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from presync.errors import (
    AccessError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.sources.severa.client import SeveraAccess
from presync.sources.severa.extract import read_organization
from presync.sources.severa.rate_limit import RateLimit
from presync.staging.extract import ExtractWriter
from tests.support.severa_server import (
    HASTY,
    NO_LIMIT,
    SeveraProcess,
    read_severa,
    start_severa,
    write_severa,
)

CUSTOMERS = [{"guid": "a", "name": "A"}]


def certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """Write a self-signed certificate for an address, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, plain[1], plain[0]))
    return files


@pytest.fixture
def tls(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[SeveraProcess, Path]]:
    """A stand-in that speaks TLS, and its certificate."""
    files = certificate(tmp_path, request.param)
    data = write_severa(tmp_path / "data", customers=CUSTOMERS)
    with start_severa(data, NO_LIMIT, tls=files) as server:
        yield server, files[0]


@pytest.mark.parametrize("tls", ["127.0.0.1"], indirect=True)
def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls: tuple[SeveraProcess, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusted = tls
    with pytest.raises(ConfigurationError, match=r"certificate of 127\.0\.0\.1.*not trusted"):
        read_severa(server, tmp_path / "out")
    assert server.requests() == []
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    tables, _ = read_severa(server, tmp_path / "out")
    assert [row["guid"] for row in tables["customers"]] == ["a"]


@pytest.mark.parametrize("tls", ["127.0.0.2"], indirect=True)
def test_a_trusted_certificate_of_another_server_is_refused(
    tls: tuple[SeveraProcess, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusted = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with pytest.raises(ConfigurationError, match="not trusted"):
        read_severa(server, tmp_path / "out")
    assert server.requests() == []


@pytest.mark.parametrize("refuse", [True, False])
def test_missing_scopes_are_named_before_the_first_page(tmp_path: Path, refuse: bool) -> None:
    client = {
        "secret": "a secret",
        "scopes": ["customers:read", "projects:read", "users:read", "settings:read"],
        "refuse_missing_scopes": refuse,
    }
    config = {**NO_LIMIT, "clients": {"a client": client}}
    with start_severa(write_severa(tmp_path / "data"), config) as server:
        with pytest.raises(AccessError, match=r"lacks the scopes invoices:read, organization:read\."):
            read_severa(server, tmp_path / "out")
        assert {line["route"] for line in server.requests()} == {"token"}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"kind": "oversized", "megabytes": 64}, SourceDataError, "larger than 64 MB"),
        ({"kind": "packed", "megabytes": 65}, SourceDataError, "larger than 64 MB"),
        ({"kind": "packed", "megabytes": 65, "layers": 3}, SourceDataError, "not asked for"),
        ({"kind": "body", "text": '[{"guid": "g-7", "name": "\\ud83d"}]'}, SourceDataError, "page 1 .*g-7"),
        ({"kind": "content_type", "value": "text/html"}, SourceDataError, "not JSON"),
        ({"kind": "content_type", "value": "application/json; charset=utf-16"}, SourceDataError, "UTF-8"),
    ],
)
def test_answers_of_another_kind_are_refused(
    fault: dict[str, Any], kind: type[PresyncError], words: str, tmp_path: Path
) -> None:
    data = write_severa(tmp_path / "data", customers=CUSTOMERS)
    with start_severa(data, {**NO_LIMIT, "faults": [{"route": "customers", **fault}]}) as server:
        with pytest.raises(kind, match=words) as caught:
            read_severa(server, tmp_path / "out")
        assert len(server.requests("customers")) == 1
    assert "/v1/customers" in str(caught.value)


def test_a_login_that_differs_harmlessly_is_accepted(tmp_path: Path) -> None:
    data = write_severa(tmp_path / "data", customers=CUSTOMERS)
    with start_severa(data, {**NO_LIMIT, "faults": [{"kind": "other_token", "route": "token"}]}) as server:
        tables, _ = read_severa(server, tmp_path / "out")
    assert [row["guid"] for row in tables["customers"]] == ["a"]


def test_a_proxy_that_is_dead_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:hush-hush@127.0.0.1:9")
    access = SeveraAccess("http://severa.test/rest-api", "id", "secret")
    writer = ExtractWriter(tmp_path, "severa", tenant="nordlys", run_id="run")
    with pytest.raises(SourceUnavailableError, match=r"proxy http://127\.0\.0\.1:9 \(HTTP_PROXY\)") as caught:
        asyncio.run(read_organization(access, writer, HASTY, RateLimit(1000, 0.01)))
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize("interim", [True, False])
@pytest.mark.parametrize("route", ["token", "customers"])
def test_an_answer_that_never_comes_to_its_end_is_given_up(tmp_path: Path, route: str, interim: bool) -> None:
    drip = {"kind": "drip", "interim": interim, "route": route}
    patience = replace(HASTY, tries=2, whole=0.6)
    data = write_severa(tmp_path / "data", customers=CUSTOMERS)
    with (
        start_severa(data, {**NO_LIMIT, "faults": [drip]}) as server,
        pytest.raises(SourceUnavailableError, match="no complete answer in time"),
    ):
        read_severa(server, tmp_path / "out", patience)


def test_another_host_never_hears_of_the_credentials(tmp_path: Path) -> None:
    with start_severa(write_severa(tmp_path / "other")) as other:
        redirect = {"kind": "redirect", "location": f"{other.api}/v1/customers", "route": "customers"}
        data = write_severa(tmp_path / "data", customers=CUSTOMERS)
        with (
            start_severa(data, {**NO_LIMIT, "faults": [redirect]}) as server,
            pytest.raises(ConfigurationError, match="redirection"),
        ):
            read_severa(server, tmp_path / "out")
        assert other.requests() == []
