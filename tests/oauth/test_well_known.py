from __future__ import annotations

from manager.oauth.well_known import metadata_urls


def test_a_server_without_a_path():
    assert metadata_urls("https://as.example") == (
        "https://as.example/.well-known/openid-configuration",
        "https://as.example/.well-known/oauth-authorization-server",
    )


def test_a_server_with_a_path_has_it_before_or_after():
    assert metadata_urls("https://as.example:8443/realms/x") == (
        "https://as.example:8443/realms/x/.well-known/openid-configuration",
        "https://as.example:8443/.well-known/oauth-authorization-server/realms/x",
        "https://as.example:8443/.well-known/openid-configuration/realms/x",
    )
