package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HiddenNamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "PASSWORD",
                "Password",
                "passwd",
                "userPassword",
                "user_password",
                "user-password",
                "user.password",
                "userpassword",
                "USERPASSWORD",
                "password2",
                "new_password_1",
                "passwordHash",
                "password_hash",
                "passwordhash",
                "password_confirmation",
                "secret",
                "clientSecret",
                "CLIENT_SECRET",
                "secrets",
                "token",
                "accessToken",
                "access_token",
                "ACCESSTOKEN",
                "id_token",
                "refreshToken",
                "x-csrf-token",
                "X-Vault-Token",
                "tokenValue",
                "token_hash",
                "api_key",
                "apiKey",
                "apikey",
                "X-Api-Key",
                "my.api.key",
                "ApiKeys",
                "secret_key",
                "aws_secret_access_key",
                "SecretAccessKey",
                "accessKey",
                "private_key",
                "privateKey",
                "private-key",
                "authorization",
                "Authorization",
                "Proxy-Authorization",
                "X-Authorization",
                "cookie",
                "Set-Cookie",
                "set-cookie2",
                "Cookies",
                "credentials",
                "dbCredentials",
                "X-Amz-Credential",
                "pan",
                "PAN",
                "cardPan",
                "card_pan",
                "cvv",
                "CVV2",
                "card.cvc",
                "pin",
                "cardPIN",
                "pin_block",
                "otp",
                "ssn",
                "card_number",
                "cardNumber",
                "cardnumber",
                "card-no",
                "JSESSIONID",
                "session_id",
                "sessionId",
                "dbPwd",
                "DBPassword",
                "passphrase",
                "connectionString",
                "sig",
                "SAMLResponse",
                "user[password]",
                "secrets[0]",
                "pass",
                "PASS",
                "Pass",
                "SMTP_PASS",
                "mail.pass",
                "smtpPass",
                "pass2",
                "dbpass",
                "sshpass",
                "a-pan-2"
            })
    void a_name_that_ends_in_a_secret_is_hidden(String name) {
        assertThat(Masking.DEFAULT.hides(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "2",
                "value",
                "hash",
                "x",
                "token_type",
                "tokenType",
                "token_count",
                "tokens",
                "tokens_used",
                "max_tokens",
                "expires_in",
                "tokenizer",
                "password_policy",
                "passwordPolicy",
                "passwordless",
                "secretary",
                "secret_name",
                "cookie_policy",
                "page_token",
                "nextPageToken",
                "next_token",
                "continuationToken",
                "fencing_token",
                "span",
                "span_id",
                "japan",
                "company",
                "bypass",
                "byPass",
                "compass",
                "passed",
                "passes",
                "pass_rate",
                "passThrough",
                "passenger",
                "passport",
                "boarding_pass",
                "boardingPass",
                "season_pass",
                "first_pass",
                "second-pass",
                "panel",
                "pinned",
                "spin",
                "shipping",
                "pins",
                "session",
                "sign",
                "design",
                "assigned",
                "key",
                "public_key",
                "primary_key",
                "idempotency_key",
                "cacheKey",
                "user",
                "username",
                "email",
                "authorized",
                "author",
                "card",
                "card_brand",
                "number",
                "laptop",
                "stop",
                "correlation_id",
                "trace_id",
                "message",
                "error.message",
                "http.request.method",
                "url.path",
                "ünïcode"
            })
    void a_name_that_only_looks_like_one_is_not(String name) {
        assertThat(Masking.DEFAULT.hides(name)).isFalse();
    }

    @Test
    void names_of_users_are_hidden_as_words_at_the_end() {
        HiddenNames names = new HiddenNames(List.of("customer_number", "dob"));

        assertThat(names.hides("customerNumber")).isTrue();
        assertThat(names.hides("old-customer-number")).isTrue();
        assertThat(names.hides("OldCustomerNumber2")).isTrue();
        assertThat(names.hides("customer")).isFalse();
        assertThat(names.hides("customer_number_length")).isFalse();
        assertThat(names.hides("dob")).isTrue();
        assertThat(names.hides("adob")).isFalse();
        assertThat(names.hides("password")).isTrue();
    }

    @Test
    void an_exclamation_mark_shows_what_is_built_in() {
        HiddenNames names = new HiddenNames(List.of("!session_id", "!pin"));

        assertThat(names.hides("sessionId")).isFalse();
        assertThat(names.hides("http.session.id")).isFalse();
        assertThat(names.hides("pin")).isFalse();
        assertThat(names.hides("password")).isTrue();
    }

    @Test
    void the_built_in_names_can_be_dropped_as_a_whole() {
        HiddenNames names = new HiddenNames(List.of("!*", "dob"));

        assertThat(names.hides("password")).isFalse();
        assertThat(names.hides("dob")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "", "!", "!!a", "*", "**", "pass*", "grüße", "a b|c", "!x"})
    void what_is_no_name_is_no_name(String text) {
        assertThat(HiddenNames.isName(text)).isFalse();
    }
}
