"""Rules about what is switched off: logs, and checks of certificates and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from secarch.danger.attributes import attribute_faults
from secarch.danger.authentication import open_doors
from secarch.danger.hardening import spanned
from secarch.danger.rule import Found, Rule, Setting, faults, setting
from secarch.danger.tree import Code, items, said
from secarch.suite.schema import Severity

_LOGS = frozenset(
    """audit_logs log_connections log_disconnections log_checkpoints log_statement log_lock_waits
    log_temp_files log_hostname log_duration log_retention log_retention_days slow_query_log
    cloudsql.enable_pgaudit pgaudit.log server_audit_logging audit_log_enabled
    log_min_error_statement log_min_messages enable_user_activity_logging
    """.split()  # noqa: SIM905 - a word list
)
_SILENT = {"off", "disabled", "none", "0", "false", "-1", "panic", "fatal", "log"}


class LoggingOff(Rule):
    """A trail of what happened that is stopped, thinned out or never started."""

    kind: Literal["logging_off"] = "logging_off"
    severity: Severity = "major"

    _settings: ClassVar[tuple[Setting, ...]] = (
        setting("aws_cloudtrail", "enable_logging", "false"),
        setting("aws_cloudtrail", "is_logging", "false"),
        setting("aws_cloudtrail", "enable_log_file_validation", "false", absent=True),
        setting("aws_cloudtrail", "include_global_service_events", "false"),
        setting("aws_cloudtrail", "is_multi_region_trail", "false"),
        setting("aws_eks_cluster", "enabled_cluster_log_types", absent=True),
        setting("aws_lb aws_alb", "access_logs.enabled", "false"),
        setting("aws_lb aws_alb aws_elb", "access_logs", absent=True),
        setting("aws_cloudfront_distribution", "logging_config", absent=True),
        setting("aws_api_gateway_stage aws_apigatewayv2_stage", "access_log_settings", absent=True),
        setting("aws_guardduty_detector", "enable", "false"),
        setting("aws_redshift_cluster", "logging.enable", "false"),
        setting("google_compute_subnetwork", "log_config", absent=True, unless="purpose"),
        setting("google_container_cluster", "logging_service", "none"),
        setting("azurerm_network_watcher_flow_log", "enabled", "false"),
    )
    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"\bcloudtrail\s+(?:stop-logging|delete-trail)\b|--no-enable-log-file-validation\b|"
        r"\bdelete-flow-logs\b"
        r"|\bguardduty\s+delete-detector\b|\bguardduty\s+update-detector\b[^\n]*--no-enable\b"
        r"|\bconfigservice\s+(?:stop|delete)-configuration-recorder\b|\bRemove-GDDetector\b"
        r"|\bsecurityhub\s+disable-security-hub\b|\b(?:macie2|inspector2)\s+disable(?:-macie)?\b|"
        r"--no-is-multi-region-trail\b"
        r"|\blogging\s+sinks\s+delete\b|\bmonitor\s+diagnostic-settings\s+delete\b|"
        r"--no-enable-flow-logs\b"
        r"|\b(?:systemctl\s+(?:stop|disable|mask)(?:\s+--now)?\s+(?:auditd|rsyslog))|"
        r"--logging=NONE\b"
        r"|\bStop-CTLogging\b|\bRemove-CTTrail\b|\bRemove-AzDiagnosticSetting\b"
        r"|\.(?:stop_logging\(\s*Name|delete_flow_logs\(\s*FlowLogIds|"
        r"stop_configuration_recorder\(\s*\w+Name)\s*="
    )

    def find(self, code: Code) -> Iterator[Found]:
        """Settings, commands that stop or delete a trail, and networks that come without flow
        logs.
        """
        yield from attribute_faults(code, "logging")
        yield from _parameters(code)
        yield from faults(code, self._settings)
        yield from spanned(code, self._spans)
        logged = any(code.of("aws_flow_log"))
        for resource in code.of("aws_vpc"):
            if not logged and not resource.partial:
                yield Found(f"{resource.label}: there is no aws_flow_log", absent=True)


class VerificationOff(Rule):
    """A check of certificates, signatures or hooks that is switched off."""

    kind: Literal["verification_off"] = "verification_off"

    _spans: ClassVar[re.Pattern[str]] = re.compile(
        r"\bverify\s*=\s*False\b|--no-verify(?:-ssl|-tls)?\b|--insecure(?:-skip-tls-verify)"
        r"?(?![\w-])(?!=false)"
        r"|\bcurl\b[^\n'\"]{0,400}\s-[a-zA-Z]{0,4}k[a-zA-Z]{0,4}(?!\S)"
        r"|--no-check-certificate\b|NODE_TLS_REJECT_UNAUTHORIZED[\"']?\s*[=:]\s*[\"']?0|"
        r"\b(?i:insecure[-_]?skip[-_]?(?:tls[-_]?)?verify"
        r"|(?:tls|ssl)[-_]?skip[-_]?verify|skip[-_]?(?:tls|ssl|cert)[-_]?(?:verify|validation))"
        r"[\"']?\s*[:=]\s*[\"']?(?:true|1|yes)\b|\bsslmode=disable\b|ssl\._create_unverified_context|"
        r"CERT_NONE\b"
        r"|http\.sslVerify[= ]+[\"']?false|\bStrictHostKeyChecking[= ]+[\"']?no\b|\bstrict-ssl[= "
        r"]+false\b"
        r"|--trusted-host\b|--allow-unauthenticated\s+install"
        r"|\bapt(?:-get)?\b[^\n]{0,200}--(?:allow-unauthenticated|force-yes)\b|--allow-untrusted\b"
        r"|\[trusted=yes\]|--no-gpg-checks?\b|--insecure-registry[= ]\S"
        r"|\"insecure-registries\"\s*:\s*\[\s*\"|\bgpgcheck\s*=\s*0\b|--nogpgcheck\b|"
        r"--nosignature\b"
        r"|--insecure-ignore-tlog\b|\bDOCKER_CONTENT_TRUST\s*=\s*0\b|\bPYTHONHTTPSVERIFY\s*=\s*0\b"
        r"|\bGIT_SSL_NO_VERIFY\s*=\s*(?:1|true)|(?i:(?<![\w-])(?:verify[-_]?(?:ssl|tls|certs?)"
        r"|(?:ssl|tls)[-_]?verify)[\"']?\s*[:=]\s*[\"']?(?:false|0|no|off)\b)"
        r"|(?<!\w)-SkipCertificateCheck\b|ServerCertificateValidationCallback\s*=\s*\{\s*\$true"
        r"|\bACTIONS_ALLOW_UNSECURE_COMMANDS:\s*[\"']?true"
        r"|(?<!s/)(?<!s/\^)(?<!grep )\bPermitRootLogin\s+yes\b(?!/PermitRoot)|\bNOPASSWD:\s*ALL\b"
        r"|\b(?:PermitRootLogin|permit_root_login|PermitEmptyPasswords|permit_empty_passwords)"
        r"[\"']?(?:\s*:|,\s*\w{1,12}:)\s*[\"']?yes\b"
        r"|(?<!s/)(?<!s/\^)(?<!grep )\bPermitEmptyPasswords\s+yes\b(?!/Permit)"
        r"|\bmongod\b[^\n]{0,80}--noauth\b|\bxpack\.security\.enabled[\"']?\s*[=:]\s*[\"']?false"
        r"|-DisableRealtimeMonitoring\s+(?:\$true|1)\b|(?<!no-)(?<!\w)--enable-legacy-authorization\b"
        r"|\bvalidate_certs:\s*(?:false|no)\b|\binsecure\s*=\s*true\b|\brejectUnauthorized:\s*false|\bcheck_hostname\s*=\s*False"
    )

    _lesser: ClassVar[re.Pattern[str]] = re.compile(
        r"\b(?:curl|wget)\b[^\n|;&]{0,200}\bhttp://[^\n|;&]{0,200}\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:/bin/)?"
        r"(?:(?:ba|z|da)?sh|python3?)\b(?!\s+-[cm]\b)"
        r"|\b(?:bash|sh)\s+(?:-c\s+[\"']?\$\(|<\()\s*(?:curl|wget)\b[^\n]{0,200}\bhttp://"
        r"|(?i:\b(?:iex|invoke-expression)\b\s*\(+\s*(?:iwr|invoke-webrequest|new-object)\b"
        r"[^\n]{0,200}\bhttp://)"
        r"|\bdelete-account-password-policy\b|\bsetenforce\s+(?:0|permissive)\b"
        r"|\bSELINUX=(?:disabled|permissive)\b|(?i:\bset-executionpolicy\b[^\n]{0,80}"
        r"\b(?:unrestricted|bypass)\b)"
        r"|\bselinux:\s*\n?[^\n]{0,80}\n?\s*state:\s*[\"']?(?:disabled|permissive)\b"
        r"|\bdisable-enforce\s+[\"']?(?:constraints/)?[a-z]+\.\w+|\borg-policies\s+delete\s+\S"
        r"|\bAllowUnencrypted[\"']?\s*[=:]\s*[\"']?true\b"
        r"|(?i:\benable_?secure_?boot[\"']?\s*[:=]\s*[\"']?false\b|--no-shielded-secure-boot\b)"
    )
    """A lock of an account or machine that is taken off, a script over plain HTTP that runs."""

    def find(self, code: Code) -> Iterator[Found]:
        """Flags and settings of common clients; `step`'s --insecure writes a key file without a
        password.
        """
        lines = (
            line
            for line in code.text.splitlines()
            if not re.search(r"\bstep (?:certificate|crypto|ca)\b", line)
        )
        yield from spanned(Code("\n".join(lines)), self._spans)
        yield from open_doors(code)
        yield from attribute_faults(code, "verification")
        yield from (Found(m.group(), severity="major") for m in self._lesser.finditer(code.text))


class RecoveryOff(Rule):
    """Backups, versions or locks that are given up: what is lost or encrypted stays so."""

    kind: Literal["recovery_off"] = "recovery_off"

    def find(self, code: Code) -> Iterator[Found]:
        """Nothing in code, where a short retention is a matter of the data; advice in prose."""
        del code
        yield from ()


class Unpatched(Rule):
    """Patches that are put off, and software that gets none."""

    kind: Literal["unpatched"] = "unpatched"
    severity: Severity = "major"

    def find(self, code: Code) -> Iterator[Found]:
        """Nothing in code, whose versions age after it is written; advice in prose."""
        del code
        yield from ()


def _parameters(code: Code) -> Iterator[Found]:
    """A database's parameter that stops its log, or a cluster's list of logs that are off."""
    for node in code.nodes():
        for logs in items(node.get("clusterLogging") or node.get("ClusterLogging")):
            off = isinstance(logs, Mapping) and said(logs.get("enabled")) == "false"
            if off or (isinstance(logs, Mapping) and logs.get("EnabledTypes") == []):
                yield Found(f"clusterLogging: {logs}")
        name, value = said(node.get("name")), said(node.get("value"))
        nothing = value == "0" and name == "log_temp_files"
        if name in _LOGS and value in _SILENT and not nothing:
            yield Found(f"{name} = {value}")
