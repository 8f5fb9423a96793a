kubectl config set-cluster staging \
  --server=https://10.1.2.3:6443 \
  --certificate-authority=/etc/kubernetes/pki/staging-ca.crt
kubectl --context staging get nodes
