"""Secrets of forty kinds go, documentation placeholders stay.

The positives are drawn from each kind's alphabet by a fixed seed, so that no key of anybody stands
in this file.
"""

from __future__ import annotations

import random
import re
import string

import pytest

from secarch.dedupe.scrub.detector import counts_up, entropy, is_plain_value
from secarch.dedupe.scrub.scrub import scrub

ALPHABETS = {
    "h": "0123456789abcdef",
    "a": string.ascii_letters + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "w": string.ascii_letters + string.digits + "-_",
    "b": string.ascii_letters + string.digits + "+/",
    "l": string.ascii_lowercase + string.digits,
    "d": "123456789",
}
POSITIVES = {
    "password in YAML": "database:\n  user: app\n  password: kT9#{a:12}!\n",
    "password in JSON": '{{"dbPassword": "x7{a:14}"}}',
    "password in an environment file": "export DB_PASSWORD=q3{a:16}",
    "pwd of a connection string": "Server=db1;Database=x;Uid=sa;Pwd=z4{a:14};",
    "PGPASSWORD": "PGPASSWORD=v8{a:15} psql -h db1",
    "api_key": 'api_key = "r4{a:30}"',
    "apiKey of a script": "const apiKey = 'm5{a:34}';",
    "x-api-key": 'curl -H "x-api-key: t6{a:38}" https://api.service.io/v1',
    "client secret": "client_secret: 9b{a:38}",
    "token of a setting": "auth_token: 4c{h:38}",
    "curl -u": "curl -u deploy:Y7{a:14} https://repo.service.io/artifact",
    "curl --user": "curl --user 'ci:8T{a:18}' https://repo.service.io/artifact",
    "--password": "tool login --username ci --password 5H{a:16}",
    "sshpass": "sshpass -p 6J{a:14} ssh host1",
    "netrc": "machine repo.service.io login ci password 7K{a:16}",
    "PowerShell secure string": 'ConvertTo-SecureString "3L{a:14}" -AsPlainText -Force',
    "session token": "aws_session_token = {b:180}",
    "session token of a response": '"SessionToken": "IQoJb3JpZ2lu{b:300}"',
    "AWS access key": "AKIA{u:16}",
    "AWS secret key": "AWS_SECRET_ACCESS_KEY={b:40}",
    "OpenAI": "OPENAI_API_KEY=sk-{a:20}T3BlbkFJ{a:20}",
    "OpenAI project": "sk-proj-{w:120}",
    "sk- of another server": "key sk-{a:48} was shared",
    "PGP block": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{b:64}\n{b:64}\n{b:64}\n"
    "-----END PGP PRIVATE KEY BLOCK-----",
    "OpenSSH key": "-----BEGIN OPENSSH PRIVATE KEY-----\n{b:70}\n{b:70}\n"
    "-----END OPENSSH PRIVATE KEY-----",
    "GitHub": "ghs_{a:36}",
    "GitLab": "glpat-{a:20}",
    "GitLab runner": "glrt-{a:20}",
    "npm": "//npm.example.org/:_authToken=npm_{a:36}",
    "PyPI": "pypi-AgEIcHlwaS5vcmc{a:90}",
    "Docker Hub": "docker login -u me --password dckr_pat_{a:27}",
    "docker auth": '"auths": {{"r.io": {{"auth": "{b:44}"}}}}',
    "Slack app": "xapp-1-{u:11}-{d:13}-{h:64}",
    "Discord webhook": "https://discord.com/api/webhooks/{d:18}/{w:68}",
    "Telegram": "bot {d:10}:AA{a:33}",
    "Telegram URL": "https://api.telegram.org/bot{d:10}:AA{a:33}/getMe",
    "key of a kubeconfig": "client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt{b:120}",
    "key of a secret": "tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0t{b:120}",
    "Twilio": "SK{h:32}",
    "SendGrid": "SG.{a:22}.{a:43}",
    "Mailchimp": "{h:32}-us12",
    "Mailgun": "key-{h:32}",
    "New Relic": "NRAK-{u:27}",
    "Datadog": "DD_API_KEY={h:32}",
    "Grafana": "glsa_{a:32}_{h:8}",
    "Sentry": "sntryu_{h:64}",
    "Postman": "PMAK-{h:24}-{h:34}",
    "Pulumi": "pul-{h:40}",
    "Terraform Cloud": "{a:14}.atlasv1.{a:67}",
    "Vault": "X-Vault-Token: hvs.{a:90}",
    "Doppler": "dp.pt.{a:43}",
    "Databricks": "dapi{h:32}",
    "DigitalOcean": "doo_v1_{h:64}",
    "Heroku": "HEROKU_API_KEY={h:8}-{h:4}-4{h:3}-a{h:3}-{h:12}",
    "Stripe restricted": "rk_live_{a:24}",
    "Square": "sq0atp-{a:22}",
    "Shopify": "shpss_{h:32}",
    "Linear": "lin_api_{a:40}",
    "Atlassian": "ATATT3{a:186}",
    "Azure storage": "DefaultEndpointsProtocol=https;AccountKey={b:86}==;",
    "Azure service bus": "SharedAccessKeyName=Root;SharedAccessKey={b:43}=",
    "Azure DevOps": "{a:76}AZDO{a:4}",
    "Google refresh token": "1//0{a:64}",
    "password hash": "root:$6${a:12}${a:86}:19000:0:99999:7:::",
    "Redis URL": "redis://:p4{a:30}@cache.corp.io:6379",
    "Kubernetes secret": "kind: Secret\ndata:\n  db-password: {b:40}\n",
    "OpenShift": "oc login --token=sha256~{a:43}",
    "basic authorization": "Authorization: Basic {b:36}",
    "Adafruit by its name": "adafruit_io_key: aio_{a:28}",
    "license key": 'newrelic_license_key = "{h:36}NRAL"',
}
PLACEHOLDERS = [
    "password: <your-password>",
    "password: ${DB_PASSWORD}",
    "password = var.db_password",
    "password: {{ .Values.db.password }}",
    "password = random_password.db1.result",
    "password: changeme123",
    "password: MyPassw0rd123",
    "password: P@ssw0rd1234!",
    "password: ********",
    "password: $(cat /run/secrets/db1)",
    "DB_PASSWORD=secret123",
    "Password=your_password_1;",
    "pwd: user-password-2",
    "api_key: YOUR_API_KEY_1",
    "api_key: abcdefghijklmnopqrstuvwxyz0123456789",
    'api_key = "api-key-goes-here-1"',
    "apiKey: process.env.SERVICE_API_KEY_V2",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "token: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    'token = data.vault_generic_secret.v2.data["token"]',
    "NextToken: eyJ2IjoiMiIsImMiOiJabcdQ1",
    "client_secret: 00000000-0000-0000-0000-000000000000",
    "secret: arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-1a2b3c",
    "secretName: database-credentials-v2",
    "secret_key_base64: c2VjcmV0LWtleS0xMjM0NTY=",
    "password: MWYyZDFlMmU2N2Rm",
    "Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQxMjM=",
    "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "Authorization: Bearer $ACCESS_TOKEN",
    "Authorization: Bearer <token>",
    "curl -u username:password https://api.example.com",
    'curl -u "$USER1:$TOKEN1" https://api.example.com',
    "curl -H 'x-api-key: <api-key>' https://api.example.com",
    "x-api-key: YOUR-API-KEY-HERE-1234567",
    "--password my-secret-pw-1",
    "--password $PASSWORD1",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "xoxb-not-a-real-token-placeholder-1",
    "AWS_SESSION_TOKEN=AQoDYXdzEXAMPLE" + "9jrPl0Zr1" * 20,
    (
        "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
        "K1SZFPTOtr/KBHBeksoGMGw=="
    ),
    "kmsKey: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "key: application-configuration-2024",
    "partition_key = customer-orders-2024-eu",
    "https://user:password1@registry.example.com",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n...\n-----END PGP PRIVATE KEY BLOCK-----",
    "password: '@Microsoft.KeyVault(SecretUri=https://v1.vault.azure.net/secrets/s1)'",
    "password: !Sub '{{resolve:secretsmanager:db1:SecretString:password}}'",
    "token: $2",
]


def drawn(template: str) -> str:
    """The template with `{alphabet:length}` drawn by a seed of its own."""
    source = random.Random(template)

    def fill(match: re.Match[str]) -> str:
        return "".join(source.choice(ALPHABETS[match[1]]) for _ in range(int(match[2])))

    filled = re.sub(r"\{([a-z]):(\d+)\}", fill, template)
    return filled.replace("{{", "{").replace("}}", "}")


def test_secrets_of_many_kinds_go() -> None:
    """At least 95% of the kinds are found, each replaced at its own length."""
    missed = []
    for kind, template in POSITIVES.items():
        sample = f"Set it up:\n\n{drawn(template)}\n\nThen go on."
        clean, counts = scrub(sample)
        assert len(clean) == len(sample)
        assert scrub(clean)[0] == clean, kind
        if not counts:
            missed.append(kind)
    assert len(POSITIVES) >= 60
    assert len(missed) <= 0.05 * len(POSITIVES), missed


@pytest.mark.parametrize("sample", PLACEHOLDERS)
def test_placeholders_of_documentation_stay(sample: str) -> None:
    """No false alarm on what documentation writes in place of a secret."""
    assert scrub(f"Set it up:\n\n{sample}\n\nThen go on.")[1] == {}


def test_entropy_is_of_shannon() -> None:
    """Bits a character: one letter has none, four equally frequent ones have two."""
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
    assert entropy("aabb") == 1


def test_counting_up_is_no_secret() -> None:
    """Runs in code order are placeholders; the bound is half of the steps."""
    assert counts_up("abcdefg")
    assert counts_up("0123456789abcdef")
    assert not counts_up("q8Wk2ZrT5vBn")
    assert not counts_up("abcde")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("aQ9zX2vK7m", False),
        ("kT9#mQ2x!vB4", False),
        ("no-digits-at-all", True),
        ("1234567890", True),
        ("my-db-1", True),
        ("var.x1", True),
        ("c2VjcmV0LXRva2VuLTE=", True),
        ("S3cr3t-1", True),
    ],
)
def test_plain_values(value: str, plain: bool) -> None:
    """Words, paths, references and encoded words are plain; a mix in no word is not."""
    assert is_plain_value(value) is plain


def test_a_value_is_random_enough_from_the_bits_of_its_rule_on() -> None:
    """Two signs of a quarter each and four of an eighth have exactly the two and a half bits that
    a known prefix asks for; with less the value is no secret.
    """
    enough = "ATBB" + _shuffled("A" * 7 + "B" * 6 + "T" * 3 + "kkkkmmmmqqqq")
    assert entropy(enough) == 2.5
    assert scrub(f"the value {enough} is set")[1] == {"atlassian_token": 1}
    less = "ATBB" + _shuffled("A" * 8 + "B" * 6 + "T" * 3 + "kkkkmmmmqqq")
    assert entropy(less) < 2.5
    assert scrub(f"the value {less} is set")[1] == {}


def _shuffled(text: str) -> str:
    return "".join(random.Random(1).sample(text, len(text)))
