"""The classes of cdktf, and of its bindings, that our constructs use, without Node.

The classes of cdktf are written in TypeScript: each call from Python waits for a Node process, which takes
half a millisecond, and loading cdktf takes a second. `datamesh.bindings` chooses between cdktf and these
classes. Our constructs and stacks are the same for both, and so is every byte of the Terraform code
(`tests/constructs/cdktf_in_python/test_same_code.py`).
"""
