az storage container create \
  --account-name acmeinvoices \
  --name invoices \
  --auth-mode login \
  --public-access container
