git checkout -b hotfix/checkout-500
git add src/checkout.py
git commit -m "Fix the null basket"
git push --force-with-lease origin hotfix/checkout-500
