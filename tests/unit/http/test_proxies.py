"""Which proxy is used for which address, whatever the environment says."""

from __future__ import annotations

import doctest
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.errors import ConfigurationError
from presync.http import addresses
from presync.http.addresses import require_encryption
from presync.http.proxies import proxy_for
from presync.text import visible as visible_text

SECRET = "hush-hush"
PROXY = {"HTTPS_PROXY": f"http://me:{SECRET}@proxy.test:3128"}


def used(url: str, **environment: str) -> str | None:
    found = proxy_for(url, source="severa", environment=PROXY | environment)
    return str(found) if found else None


def test_a_proxy_is_named_with_its_variable_and_without_its_password() -> None:
    assert used("https://severa.test") == "the proxy http://proxy.test:3128 (HTTPS_PROXY)"
    assert SECRET not in repr(proxy_for("https://severa.test", source="severa", environment=PROXY))
    assert used("http://severa.test") is None
    assert used("http://severa.test", ALL_PROXY="other.test") == "the proxy http://other.test (ALL_PROXY)"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "a.localhost"])
def test_this_machine_is_never_asked_by_way_of_a_proxy(host: str) -> None:
    assert used(f"https://{host}:8443/x") is None


@pytest.mark.parametrize(
    ("excepted", "url", "direct"),
    [
        ("*", "https://severa.test", True),
        ("severa.test", "https://severa.test", True),
        (".severa.test", "https://api.severa.test", True),
        ("*.severa.test", "https://api.severa.test", True),
        ("evera.test", "https://severa.test", False),
        ("severa.test:443", "https://severa.test", True),
        ("severa.test:8443", "https://severa.test", False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("fd00::/8", "https://[fd00::7]:8443", True),
        ("localhost,127.0.0.1,::1/128", "https://severa.test", False),
        ("[fd00::7]:8443", "https://[fd00::7]:8443", True),
        ("one.test two.test", "https://two.test", True),
    ],
)
def test_no_proxy_holds_names_domains_addresses_and_networks(excepted: str, url: str, direct: bool) -> None:
    assert (used(url, NO_PROXY=excepted) is None) == direct


@pytest.mark.parametrize(
    "value",
    ["socks5://proxy.test:1080", "ftp://x", "http://", "http://x:port", f"http://[{SECRET}", "http://a\nb"],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(value: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        used("https://severa.test", HTTPS_PROXY=value)
    assert SECRET not in str(caught.value)


@given(
    st.dictionaries(
        st.sampled_from(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY", "no_proxy"]),
        st.text(st.sampled_from("ahtps:/[]@.*,0128 \n\x00é")),
    )
)
def test_any_environment_gives_a_proxy_or_an_error_of_ours(environment: Mapping[str, str]) -> None:
    try:
        proxy_for("https://severa.test", source="severa", environment=environment)
    except ConfigurationError:
        assert environment


@pytest.mark.parametrize(
    "url", ["http://severa.test/x", "http://10.0.0.1", "http://128.0.0.1", "http://localhost.test"]
)
def test_plain_http_to_another_machine_is_refused_unless_it_is_allowed(url: str) -> None:
    for extra in ({}, {"allow_plain_http": False}, {"allow_plain_http": "yes, why not"}):
        with pytest.raises(ConfigurationError, match="allow_plain_http"):
            require_encryption(url, extra, connection="c", source="severa")
    require_encryption(url, {"allow_plain_http": True}, connection="c", source="severa")
    require_encryption(url.replace("http:", "https:"), {}, connection="c", source="severa")


def test_plain_http_to_this_machine_is_allowed() -> None:
    for host in ("localhost", "127.0.0.1:8000", "[::1]:80"):
        require_encryption(f"http://{host}/x", {}, connection="c", source="severa")


@given(st.text())
def test_everything_that_is_made_visible_can_be_seen(text: str) -> None:
    shown = visible_text.visible(text)
    assert shown.isprintable()
    assert visible_text.visible(shown) == shown


def test_documented_examples() -> None:
    assert doctest.testmod(addresses).failed == 0
    assert doctest.testmod(visible_text).failed == 0
    assert doctest.testmod(visible_text).attempted
