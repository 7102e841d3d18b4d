from django import template

from subscriptions.typesetting import wrapped

register = template.Library()
register.filter("wrapped", wrapped, is_safe=True)
