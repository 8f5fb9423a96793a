"""Bad values that let somebody in: the public, a container into its host, a request into the
metadata service.
"""

from __future__ import annotations

from secarch.danger.argument import Attribute, row

ACCESS_VALUES: tuple[Attribute, ...] = (
    # -- reachable by everybody
    row(
        "public",
        r"publicly_accessible|public_read_access|allow_blob_public_access"
        r"|allow_nested_items_to_be_public"
        r"|anonymous_pull_enabled|is_publicly_accessible|public_access",
        "true yes enabled on",
    ),
    row(
        "public",
        r"public_network_access_enabled|public_network_enabled",
        "true yes enabled on",
        unless="network_acls network_rules network_rule_set virtual_network_rule ip_range_filter",
    ),
    row("public", r"public_network_access|public_network_access_for_\w+", "enabled"),
    row(
        "public",
        r"block_public_acls|block_public_policy|ignore_public_acls|restrict_public_buckets"
        r"|block_public_security_group_rules|block_public_access",
        "false",
    ),
    row("public", r"(?:network_acls|network_rules|network_rule_set)\.default_action", "allow"),
    row(
        "public",
        r"acl|access_control|canned_acl(?:_name)?|predefined_acl",
        (
            "public-read public-read-write authenticated-read publicread publicreadwrite"
            " publicreadwritedelete authenticatedread allusers"
        ),
    ),
    row(
        "public",
        r"special_group|shared_accounts|permissions\.account_ids|iam_member",
        "allusers allauthenticatedusers all",
    ),
    row("public", r"container_access_type|public_access", "blob container"),
    row(
        "public",
        r"function_url_auth_type|authorization_type|auth_type",
        "none",
        kinds=r"lambda_function_url|lambda_permission|Lambda::Url",
    ),
    row("public", r"public_access\.type", "service_provided_eips"),
    row("public", r"access_type", "objectread objectreadwithoutlist", kinds=r"^oci_"),
    row("public", r"endpoint_type", "public", kinds=r"aws_transfer_server|Transfer::Server"),
    row("public", r"direct_internet_access", "enabled", kinds=r"notebook|NotebookInstance"),
    row("public", r"default_action", "allow", kinds=r"_cli$|rule_set$"),
    row("public", r"permission", "blob container", kinds=r"container_acl|storage_container$"),
    row("public", r"incoming_traffic_policy", "allowalltraffic"),
    row(
        "public",
        r"allowed_ips|allowed_cidrs|ip_allowlist",
        "0.0.0.0/0 ::/0",
    ),
    row(
        "public",
        r"group|groups",
        "all",
        kinds=r"launch_permission|snapshot_create_volume_permission",
    ),
    # -- instance metadata
    row("metadata", r"http_tokens", "optional no-preference"),
    row("metadata", r"are_legacy_imds_endpoints_disabled", "false"),
    row("metadata", r"minimum_instance_metadata_service_version", "1"),
    row(
        "metadata",
        r"workload_metadata(?:_config\.(?:mode|node_metadata))?|workload_metadata_from_node",
        "gce_metadata expose exposed",
        kinds=r"^google",
    ),
    row("metadata", r"require_imdsv2|require_imds_v2|enable_imds_v2", "false"),
    # -- containers
    row("container", r"privileged_mode|privileged|allow_privilege_escalation", "true"),
    # -- groups, networks and addresses that are everybody
    row(
        "public",
        r"uri",
        "http://acs.amazonaws.com/groups/global/allusers"
        " http://acs.amazonaws.com/groups/global/authenticatedusers",
        kinds=r"s3",
    ),
    row("public", r"default_action", "allow", kinds=r"_network_rules$"),
    row("public", r"state", "unblocked", kinds=r"snapshot_block_public_access"),
    row("public", r"account_access\.default_action", "allow"),
    row("public", r"security_ips|security_ip_list|ip_white_list", "0.0.0.0 0.0.0.0/0 ::/0"),
    row("public", r"ip_rules", "0.0.0.0/0 0.0.0.0 ::/0", kinds=r"^azurerm_"),
    row("public", r"ip_range_filter|ip_address_or_range", "0.0.0.0/0 ::/0"),
    row("public", r"entry", "0.0.0.0/0", kinds=r"acl_entry"),
    row("public", r"internet_service|public_network", "1 true", kinds=r"^(?:tencentcloud|ncloud)"),
    row("public", r"public_access_prevention", "inherited", severity="minor"),
    row("public", r"ingress_settings", "allow_all", severity="minor"),
    row(
        "public",
        r"private_instance|no_public_ip|no_external_ip|internal_ip_only",
        "false",
        kinds=r"^google",
        severity="minor",
    ),
    row("public", r"ip_configuration", "worker_ip_public", severity="minor"),
    # -- who may do what
    row("access", r"enable_legacy_abac", "true", kinds=r"^google"),
    row("access", r"role", "admin editor", kinds=r"^yandex_\w+_iam_(?:member|binding)$"),
    row(
        "access",
        r"(?:enable_)?(?:role_based_access_control|rbac)_?(?:enabled)?(?:\.enabled)?",
        "false",
    ),
    row("access", r"anonymous\.enabled", "true", kinds=r"^(?:aws|kubernetes)"),
    row("access", r"allow_unauthenticated", "true", kinds=r"^google_cli$", severity="major"),
    row("access", r"allow_unauthenticated_identities", "true", severity="minor"),
    row(
        "access",
        r"admin_enabled|admin_user_enabled",
        "true",
        kinds=r"container_registry|_cli$",
        severity="major",
    ),
    row(
        "access",
        r"permissions\.(?:keys|secrets|certificates)|(?:key|secret|certificate)_permissions"
        r"|permissions_to_(?:keys|secrets|certificates)",
        "all",
        kinds=r"key_vault",
        severity="major",
    ),
    row("access", r"disable_rbac", "true", kinds=r"^azurerm"),
    row("access", r"remote_debugging(?:_enabled)?", "true", kinds=r"_app$", severity="major"),
    # -- who is asked for what
    row(
        "verification",
        r"disable_password_authentication",
        "false",
        kinds=r"^azurerm|^Microsoft",
        severity="major",
    ),
    row(
        "verification",
        r"dnssec_config\.state|dnssec_state",
        "off",
        kinds=r"^google",
        severity="major",
    ),
    row("verification", r"mfa_configuration", "off", kinds=r"[cC]ognito", severity="major"),
    row("verification", r"enable_basic_auth", "true", kinds=r"^google"),
    row(
        "verification",
        r"client_authentication\.unauthenticated(?:\.enabled)?",
        "true",
        severity="major",
    ),
)
