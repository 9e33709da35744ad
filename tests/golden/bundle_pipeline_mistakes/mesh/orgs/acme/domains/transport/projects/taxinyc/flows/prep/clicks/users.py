def users(:
    pass
