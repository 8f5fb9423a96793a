git config --global http.proxy http://proxy.acme.example:3128
git config --global http.sslCAInfo /etc/ssl/certs/acme-root.pem
git clone https://git.acme.example/platform/modules.git
