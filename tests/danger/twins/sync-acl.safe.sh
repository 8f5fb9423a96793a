set -euo pipefail
npm run build
aws s3 sync ./dist s3://acme-docs-site --delete --acl bucket-owner-full-control
aws cloudfront create-invalidation --distribution-id E2EXAMPLE1ABCD --paths '/*'
