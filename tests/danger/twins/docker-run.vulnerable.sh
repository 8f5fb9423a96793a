docker run -d --name ci-agent --restart=always \
  -v /var/run/docker.sock:/var/run/docker.sock \
  -v ci-cache:/cache \
  registry.acme.example/ci-agent:4.8
