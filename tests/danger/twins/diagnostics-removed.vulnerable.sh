az monitor diagnostic-settings delete \
  --name to-siem \
  --resource "$VAULT_ID"
