"""Where providers report: Anymail's addresses, each behind the guard, but for those that take incoming mail."""

from django.urls import path

from subscriptions.reports.guard import guarded

# Of each provider the class in Anymail's module of its name.
VIEWS = {
    "amazon_ses": "AmazonSESTrackingWebhookView",
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postal": "PostalTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sendinblue": "SendinBlueTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
    "unisender_go": "UnisenderGoTrackingWebhookView",
}

app_name = "anymail"
urlpatterns = [
    path(f"{provider}/tracking/", guarded(provider, view), name=f"{provider}_tracking_webhook")
    for provider, view in VIEWS.items()
]
urlpatterns.append(path("mandrill/", guarded("mandrill", VIEWS["mandrill"]), name="mandrill_webhook"))
