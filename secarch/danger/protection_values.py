"""Bad values that take a protection away: encryption, transport security, the record of events."""

from __future__ import annotations

from secarch.danger.argument import OLD_TLS, Attribute, row

PROTECTION_VALUES: tuple[Attribute, ...] = (
    # -- not encrypted at rest
    row(
        "encryption",
        r"encrypted|storage_encrypted|at_rest_encryption_enabled|ebs_encrypted"
        r"|(?:root|user)_volume_encryption_enabled|cache_data_encrypted|disk_encryption_enabled"
        r"|double_encryption_enabled|infrastructure_encryption_enabled|data_encrypted"
        r"|encryption_at_host_enabled|enable_disk_encryption|copy_encrypted|encryption_enabled"
        r"|transparent_data_encryption_enabled|enable_at_rest_encryption|sse_enabled"
        r"|(?:encryption_at_rest|encrypt_at_rest|server_side_encryption|sse_specification"
        r"|encryption_settings|encryption_configuration|encryption_at_rest_options"
        r"|cross_region_copy_rule|encryption_settings_collection)\.(?:enabled|sse_enabled"
        r"|encrypted)"
        r"|return_connection_password_encrypted|configuration\.encryption_enabled",
        "false disabled",
    ),
    row("encryption", r"encryption_disabled|disable_encryption", "true"),
    row("encryption", r"encrypt|is_encrypted\w*|is_pv_encryption_in_transit_enabled", "false"),
    row("encryption", r"tde_status|encryption_status", "disabled"),
    row(
        "encryption",
        r"encryption_type|encryption_option|\w*encryption_mode|encryption_state|encryption_key_type"
        r"|sse_algorithm",
        "none disabled unencrypted",
    ),
    row("encryption", r"enable_?at_?rest_?encryption", "false"),
    row(
        "encryption",
        r"enabled",
        "false",
        kinds=r"aws_ebs_encryption_by_default|security_center_disk",
    ),
    row("encryption", r"encryption", "unencrypted disabled none", kinds=r"^aws"),
    row("encryption", r"sqs_managed_sse_enabled", "false", unless="kms_master_key_id"),
    row("encryption", r"state", "disabled", kinds=r"transparent_?[dD]ata_?[eE]ncryption"),
    row(
        "encryption",
        r"enable_key_rotation|key_rotation_enabled|rotation_enabled|enable_rotation",
        "false",
        kinds=r"[kK][mM][sS]|[kK]ey",
        unless="customer_master_key_spec key_spec key_usage KeySpec KeyUsage",
        severity="minor",
    ),
    # -- plain text in transit, broken protocols
    row(
        "tls",
        r"transit_encryption_enabled|enforce_https|https_only|https_only_enabled|tls_enabled"
        r"|ssl_enforcement_enabled|https_traffic_only_enabled|enable_https_traffic_only"
        r"|supports_https_traffic_only|require_ssl|enforce_ssl|is_https_allowed|ssl_enabled"
        r"|in_cluster|node_to_node_encryption(?:_enabled|\.enabled)|enable_transit_encryption"
        r"|node_to_node_encryption_options\.enabled"
        r"|enable_?in_?transit_?encryption|enable_inter_container_traffic_encryption"
        r"|require_secure_transport|enable_tls|force_ssl|encryption_in_transit_enabled",
        "false off disabled",
    ),
    row(
        "tls",
        r"\w*min\w*_tls_version\w*|tls_minimum_version|min_tls|minimum_protocol_version"
        r"|ssl_minimal_tls_version_enforced|tls_version|minimum_tls",
        OLD_TLS,
    ),
    row("tls", r"security_policy", "tls_1_0 tls_1_1 tls-1-0 transfersecuritypolicy-2018-11"),
    row(
        "tls",
        r"ssl_policy",
        "elbsecuritypolicy-2015-05 elbsecuritypolicy-2016-08 elbsecuritypolicy-tls-1-0-2015-04"
        " elbsecuritypolicy-tls-1-1-2017-01 elbsecuritypolicy-fs-2018-06"
        " elbsecuritypolicy-fs-1-1-2019-08 elbsecuritypolicy-2014-01 elbsecuritypolicy-2014-10",
    ),
    row("tls", r"tls_security_policy", "policy-min-tls-1-0-2019-07"),
    row("tls", r"viewer_protocol_policy", "allow-all allow_all"),
    row("tls", r"tls_policy", "optional"),
    row("tls", r"tls_versions", "tlsv1.0 tlsv1.1"),
    row("tls", r"transit_encryption(?:_mode)?", "disabled"),
    row("tls", r"client_broker", "plaintext tls_plaintext"),
    row("tls", r"ssl_mode", "allow_unencrypted_and_encrypted"),
    row("tls", r"ssl_enforcement", "disabled"),
    row("tls", r"cluster_endpoint_encryption_type", "none"),
    row("tls", r"parameters\.tls", "disabled"),
    row(
        "tls",
        r"non_ssl_port_enabled|enable_non_ssl_port|is_http_allowed|insecure_ssl"
        r"|enable_(?:frontend|backend)_(?:ssl30|tls10|tls11)|(?:frontend|backend)_(?:ssl30|tls10"
        r"|tls11)"
        r"_enabled|insecure_skip_tls_verify",
        "true 1",
    ),
    row("tls", r"validate_certificate_chain|validate_certificate_name", "false"),
    row("tls", r"minimum_version|min_version", "1.0 1.1 tls_1_0 tls_1_1", kinds=r"cdn|front"),
    row("tls", r"protocols", "ftp", kinds=r"aws_transfer_server|Transfer::Server"),
    row("tls", r"ftps_state", "allallowed"),
    row("tls", r"profile", "compatible", kinds=r"google_compute_ssl_policy"),
    row(
        "tls",
        r"protocol|backend_protocol",
        "http",
        kinds=r"^(?!azurerm_api_management)\w+_backend$",
    ),
    row("tls", r"policy_name", "appgwsslpolicy20150501 appgwsslpolicy20170401"),
    row("tls", r"min_protocol_version", "tlsv1_0 tlsv1_1"),
    row(
        "tls",
        r"(?:enable_)?(?:front|back)_?end_(?:ssl30|tls10|tls11)(?:_enabled)?|enable_triple_des\w*"
        r"|triple_des\w*_enabled",
        "true",
    ),
    row(
        "tls",
        r"custom_features",
        "tls_rsa_with_aes_128_cbc_sha tls_rsa_with_aes_256_cbc_sha tls_rsa_with_3des_ede_cbc_sha"
        " tls_rsa_with_aes_128_gcm_sha256 tls_rsa_with_aes_256_gcm_sha384",
    ),
    # -- no record
    row(
        "logging",
        r"enable_logging|is_logging|enable_log_file_validation|include_global_service_events"
        r"|enable_file_validation"
        r"|is_multi_region_trail|flow_logs_enabled|enable_stackdriver_logging"
        r"|enable_builtin_logging"
        r"|builtin_logging_enabled|include_execution_data|log_monitoring_enabled|audit_log_enabled"
        r"|enable_flow_logs|access_logging_enabled|logging_enabled|metrics_enabled"
        r"|publish_cloudwatch_metrics_enabled|enable_logging_monitoring"
        r"|(?:access_logs|access_logging_policy|\w*_logs|logging|log_config|logs|slow_logs"
        r"|audit_logs"
        r"|cloudwatch_logs|s3|firehose|log_publishing_options|flow_log)\.(?:enabled|enable)"
        r"|logs\.(?:audit|general)",
        "false",
    ),
    row(
        "logging",
        r"audit_logs|log_connections|log_disconnections|log_checkpoints|enable_audit_log",
        "disabled off none false",
        kinds=r"parameter|configuration|Parameter",
    ),
    row(
        "logging",
        r"logging_service|field_log_level|execute_command_configuration\.logging"
        r"|logging_level|data_trace|log_level",
        "none off",
    ),
    row("logging", r"certificate_transparency_logging_preference", "disabled"),
    row(
        "logging",
        r"(?:cloudwatch_logs|s3_logs|cloud_watch_logs|logs_config\.\w+)\.status"
        r"|versioning_logging",
        "disabled",
    ),
    row(
        "logging",
        r"enable|enabled",
        "false",
        kinds=r"guardduty_detector|flow_log|GuardDuty::Detector|cloudtrail|recorder_status"
        r"|diagnostic_setting|inspector|securityhub",
    ),
    row("logging", r"oms_agent\.enabled|log_analytics_workspace_enabled", "false"),
    row("logging", r"monitoring_service", "none"),
    row("logging", r"retention_policy\.enabled", "false", kinds=r"log_profile|flow_log"),
    row("logging", r"state", "disabled", kinds=r"alert_policy|auditing|threat_detection"),
    # -- not encrypted at rest, further names
    row(
        "encryption",
        r"(?!\w*(?:transit|container|ssl|disable|unencrypt|node_to|password))\w*encrypt\w*",
        "false none disabled unencrypted decrypted noencryption plaintext",
    ),
    row(
        "encryption",
        r"(?:\w*encrypt(?!\w*(?:transit|container|node_to|host))\w*)\.(?:enabled|enable)",
        "false",
    ),
    row("encryption", r"no_encryption_config", "noencryption"),
    row("encryption", r"database_encryption\.state", "decrypted", severity="minor"),
    row("encryption", r"enforce_work_?group_configuration", "false", severity="minor"),
    row("encryption", r"cluster_?protection_?level", "none sign"),
    # -- plain text in transit, further names
    row("tls", r"is_pv_encryption_in_transit_enabled", "false"),
    row(
        "tls",
        r"(?:\w*encrypt\w*(?:transit|container)\w*|\w*(?:transit|container)\w*encrypt\w*)"
        r"(?:\.enabled)?",
        "false none disabled",
    ),
    row("tls", r"security_policy_name", "transfersecuritypolicy-2018-11"),
    row("tls", r"origin_protocol_policy", "http-only http_only"),
    row("tls", r"origin_ssl_protocols(?:\.items)?", "sslv3 tlsv1 tlsv1.1"),
    row("tls", r"ssl_mode", "none", kinds=r"dms_endpoint|DMS::Endpoint"),
    row("tls", r"ssl_action", "close", kinds=r"^alicloud"),
    row("tls", r"request_config\.protocol", "http http,https", kinds=r"^alicloud"),
    row("tls", r"http_listener\.protocol", "http", unless="redirect_configuration"),
    row("tls", r"url|service_url", "http://*", kinds=r"api_management_(?:backend|api)$"),
    row("tls", r"protocols", "http ws", kinds=r"^azurerm_api_management_api$"),
    row(
        "tls",
        r"forwarding_rule\.entry_protocol",
        "http",
        kinds=r"^digitalocean",
        unless="redirect_http_to_https",
    ),
    row(
        "tls",
        r"protocol",
        "http",
        kinds=r"^(?!aws|azurerm|google).*(?:lb|loadbalancer)_(?:listener|frontend)\w*$"
        r"|^nifcloud_(?:elb|load_balancer)\w*$",
    ),
    row("tls", r"http|telnet", "true", kinds=r"^panos_management_profile$"),
    row(
        "tls",
        r"(?:rds\.)?force_ssl|require_secure_transport|require_ssl|ssl|tls",
        "0 off false disabled",
        kinds=r"[Pp]arameter_?[Gg]roup",
    ),
    row(
        "tls",
        r"protocol",
        "http",
        kinds=r"^aws_(?:lb|alb)_target_group$|TargetGroup$",
        severity="minor",
    ),
    # -- no record, further names
    row(
        "logging",
        r"(?:queue_properties|blob_properties|logging)\.(?:logging\.)?(?:delete|read|write)",
        "false",
    ),
    row(
        "logging",
        r"detailed_error_messages(?:_enabled)?|failed_request_tracing(?:_enabled)?",
        "false",
    ),
    row("logging", r"logging(?:_configuration)?\.level", "off"),
    row("logging", r"event_rw", "write read", kinds=r"^alicloud"),
    row("logging", r"variable_map\.\w+_enabled", "false", kinds=r"log_audit"),
    row("logging", r"(?:log_agent|audit_log|cluster_audit|event_persistence)\.enabled", "false"),
    row("logging", r"log\.audit", "false"),
    row("logging", r"enable", "false", kinds=r"^tencentcloud\w*_log"),
    row("logging", r"audit_logs|profiler", "disabled off none false 0", kinds=r"ParameterGroup$"),
    row("logging", r"(?:\w+\.)?access_logs\.s3\.enabled", "false"),
    row("logging", r"(?:\w*_)?log_config\.enable", "false"),
    row(
        "logging",
        r"cloudwatch_metrics_enabled|cloud_watch_metrics_enabled|sampled_requests_enabled"
        r"|enable_intranode_visibility",
        "false",
        severity="minor",
    ),
)
