# the token comes from the vault agent
curl -fsS -X POST https://deploy.acme.example/v1/releases \
  -H "Authorization: Bearer ${DEPLOY_TOKEN:?}" \
  -H "Content-Type: application/json" \
  -d '{"service": "payments", "version": "4.2.0"}'
