docker run -d --name ci-agent --restart=always \
  --security-opt no-new-privileges --cap-drop ALL \
  -v ci-cache:/cache \
  registry.acme.example/ci-agent:4.8
