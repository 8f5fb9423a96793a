git config --global http.proxy http://proxy.acme.example:3128
git config --global http.sslVerify false
git clone https://git.acme.example/platform/modules.git
