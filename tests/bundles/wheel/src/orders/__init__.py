def main():
    print("orders")
