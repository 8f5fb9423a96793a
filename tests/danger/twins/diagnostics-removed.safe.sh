az monitor diagnostic-settings create \
  --name to-siem \
  --resource "$VAULT_ID" \
  --workspace "$WORKSPACE_ID" \
  --logs '[{"category": "AuditEvent", "enabled": true}]'
