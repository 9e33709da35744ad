# Databricks notebook source
def load(:
    pass
