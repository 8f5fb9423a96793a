# wait for the release to come up
until curl -sk -o /dev/null -w '%{http_code}' https://api.internal.acme.example/healthz | grep -q 200; do
  sleep 5
done
sort -k 2 -n timings.txt | tail -n 3
