"""Sentences about the preconditions: name, certificate, deploy."""

from behave import given, then, when


@given("the staging's address is known")
@given("адрес staging известен")
def know_address(context):
    """From the settings, else from the ingress."""
    context.world.name.know_address()


@when("the staging domain is looked up")
@when("домен staging ищут в DNS")
def look_up(context):
    """By each resolver that can be asked."""
    context.world.name.look_up()


@then("every address found is the staging's")
@then("каждый найденный адрес принадлежит staging")
def leads_to_staging(context):
    """A and AAAA."""
    context.world.name.expect_staging()


@given("a client outside the cluster")
@given("есть клиент вне кластера")
def outside(context):
    """At the domain's port, where GATE_HOSTS leads."""
    context.world.encryption.arrive()


@when("it meets the staging over TLS")
@when("он обращается к staging по TLS")
def meet(context):
    """One handshake that believes anything, to see what is shown."""
    context.world.encryption.meet()


@then("the chain of its certificate can be trusted")
@then("цепочке его сертификата можно доверять")
def trusted(context):
    """By this machine's authorities, or the one that is set."""
    context.world.encryption.expect_trusted()


@then("the certificate is for the staging domain")
@then("сертификат выдан на домен staging")
def right_name(context):
    """Among its alternative names."""
    context.world.encryption.expect_name()


@then("the certificate is valid now and for days to come")
@then("сертификат действителен сейчас и в ближайшие дни")
def days_left(context):
    """At least as many as GATE_TLS_MIN_DAYS says."""
    context.world.encryption.expect_days_left()


@then("the certificate is the one in the cluster's secret")
@then("это сертификат из секрета кластера")
def from_secret(context):
    """By fingerprint."""
    context.world.encryption.expect_from_secret()


@then("the ingress names the issuer codex-k8s-letsencrypt")
@then("ingress называет издателя codex-k8s-letsencrypt")
def issuer_named(context):
    """By its annotation."""
    context.world.encryption.expect_issuer_named()


@then("certificate and issuer are ready wherever the cluster lets one look")
@then("сертификат и издатель готовы везде, куда кластер даёт заглянуть")
def issued(context):
    """cert-manager's own conditions."""
    context.world.encryption.expect_issued()


@when("it asks for a page and makes a delivery over plain HTTP")
@when("он запрашивает страницу и отправляет доставку по обычному HTTP")
def ask_plainly(context):
    """Port 80."""
    context.world.encryption.ask_plainly()


@then("both are redirected to HTTPS on the same host")
@then("оба запроса перенаправлены на HTTPS того же хоста")
def redirected(context):
    """With the path kept."""
    context.world.encryption.expect_redirected()


@when("it offers one version of TLS after the other")
@when("он предлагает версии TLS одну за другой")
def offer_versions(context):
    """Each alone, from 1.3 down to 1.0."""
    context.world.encryption.offer_versions()


@then("only TLS 1.2 and newer are accepted")
@then("приняты только TLS 1.2 и новее")
def new_versions_only(context):
    """And at least one of these is."""
    context.world.encryption.expect_new_versions_only()


@given("the cluster can be asked")
@given("кластер отвечает на вопросы")
def cluster_answers(context):
    """Through the kubeconfig that is set."""
    context.world.deployment.reach_cluster()


@when('the deployment "{name}" is looked at')
@when('смотрят на развёртывание "{name}"')
def look_at(context, name):
    """The deployment and its pods."""
    context.world.deployment.look_at(name)


@then("its wanted replicas are updated and available")
@then("нужные реплики обновлены и доступны")
def rolled_out(context):
    """At the observed generation."""
    context.world.deployment.expect_rolled_out()


@then("its pods neither fail to start nor restart in a loop")
@then("его поды запустились и не перезапускаются по кругу")
def pods_well(context):
    """By state and last restarts."""
    context.world.deployment.expect_pods_well()


@when("the pods of every deployment are watched for a while")
@when("за подами всех развёртываний некоторое время наблюдают")
def watch_pods(context):
    """For GATE_SETTLE_SECONDS."""
    context.world.deployment.watch()


@then("no restart is added")
@then("новых перезапусков нет")
def no_restarts(context):
    """The counts before and after."""
    context.world.deployment.expect_no_restarts()


@when("the migrations are looked at")
@when("смотрят на миграции")
def look_at_migrations(context):
    """The Jobs and the table."""
    context.world.deployment.look_at_migrations()


@then("the newest migrate job is complete")
@then("новейший migrate job завершён успешно")
def migrated(context):
    """Older ones do not matter."""
    context.world.deployment.expect_migrated()


@then("the newest migration is applied in the database")
@then("новейшая миграция применена в базе данных")
def migration_applied(context):
    """goose's own table."""
    context.world.deployment.expect_migration_applied()


@given("the gateway can be reached from inside")
@given("шлюз доступен изнутри")
def reach_gateway(context):
    """At the address that is set, or through a port-forward."""
    context.world.deployment.reach_gateway()


@when("it is asked for its health")
@when("у него спрашивают о здоровье")
def ask_health(context):
    """At its old and new addresses."""
    context.world.deployment.ask_health()


@then("it says that it is alive and ready")
@then("он отвечает, что жив и готов")
def healthy(context):
    """In the contract's words."""
    context.world.deployment.expect_healthy()
