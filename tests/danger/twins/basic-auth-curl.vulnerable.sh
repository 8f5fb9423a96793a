curl -fsS -X POST https://deploy.acme.example/v1/releases \
  -H "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkZXBsb3kifQ.s5Jd0QWmLk3n8Yb1xTzPq7Vr2CuHfGa9EoNi4KjMwXs" \
  -H "Content-Type: application/json" \
  -d '{"service": "payments", "version": "4.2.0"}'
