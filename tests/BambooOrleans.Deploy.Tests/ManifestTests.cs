using System.Text.Json;

namespace BambooOrleans.Deploy.Tests;

public sealed class ManifestTests
{
    public static TheoryData<string> Names => [.. Kustomization.All.Select(kustomization => kustomization.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Selectors_name_labels_of_pods(string name)
    {
        IReadOnlyList<Manifest> manifests = Manifests(name);
        Manifest[] workloads = [.. manifests.Where(manifest => manifest.HasPods)];

        Assert.All(workloads.Where(manifest => manifest.Kind == "Deployment"), manifest =>
            AssertSelects(manifest.Content["spec"]["selector"]["matchLabels"], manifest));
        foreach (Manifest manifest in manifests)
        {
            Yaml selector = manifest.Kind switch
            {
                "Service" => manifest.Content["spec"]["selector"],
                "PodDisruptionBudget" => manifest.Content["spec"]["selector"]["matchLabels"],
                "NetworkPolicy" => manifest.Content["spec"]["podSelector"]["matchLabels"],
                _ => new Yaml(null, ""),
            };
            if (manifest.Kind is "Service" or "PodDisruptionBudget" or "NetworkPolicy")
            {
                Assert.Single(workloads, workload => Selects(selector, workload));
            }
        }

        foreach (Manifest workload in workloads)
        {
            Assert.All(workload.Pod["topologySpreadConstraints"].Items, constraint =>
                AssertSelects(constraint["labelSelector"]["matchLabels"], workload));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_workload_is_within_a_network_policy_of_both_directions(string name)
    {
        IReadOnlyList<Manifest> manifests = Manifests(name);

        Assert.All(manifests.Where(manifest => manifest.HasPods), workload =>
        {
            Manifest policy = Assert.Single(manifests, manifest =>
                manifest.Kind == "NetworkPolicy" && Selects(manifest.Content["spec"]["podSelector"]["matchLabels"], workload));
            Assert.Equal(["Ingress", "Egress"], policy.Content["spec"]["policyTypes"].Items.Select(item => item.Text));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ports_of_network_policies_are_those_of_the_pods_they_lead_to(string name)
    {
        IReadOnlyList<Manifest> manifests = Manifests(name);
        int database = int.Parse(ConnectionOption("Port"), System.Globalization.CultureInfo.InvariantCulture);
        foreach (Manifest policy in manifests.Where(manifest => manifest.Kind == "NetworkPolicy"))
        {
            Manifest own = manifests.Single(manifest => manifest.HasPods && Selects(policy.Content["spec"]["podSelector"]["matchLabels"], manifest));
            foreach (Yaml rule in policy.Content["spec"]["ingress"].Items)
            {
                Assert.All(rule["ports"].Items, port => Assert.Contains(port["port"].Text, PortNames(own)));
                Assert.All(rule["from"].Items, peer => AssertKnown(peer, manifests));
            }

            foreach (Yaml rule in policy.Content["spec"]["egress"].Items)
            {
                Manifest[] targets = [.. rule["to"].Items.Select(peer => AssertKnown(peer, manifests)!)];
                Assert.All(rule["ports"].Items, port => Assert.True(
                    targets.Length > 0
                        ? targets.All(target => PortNames(target).Contains(port["port"].Text))
                        : port["port"].Number == 53 || port["port"].Number == 443 || port["port"].Number == database,
                    $"{port} is {port["port"].Text}"));
            }
        }
    }

    [Fact]
    public void The_silos_let_in_each_other_clients_and_probes_and_reach_names_and_the_database()
    {
        Manifest policy = Manifests("base").Single(manifest => manifest is { Kind: "NetworkPolicy", Name: "bamboo-silo" });

        Assert.Equal(
            ["silo,gateway", "gateway", "health"],
            policy.Content["spec"]["ingress"].Items.Select(rule => string.Join(',', rule["ports"].Items.Select(port => port["port"].Text))));
        Assert.Equal(
            ["silo,gateway", "53,53", ConnectionOption("Port"), "443"],
            policy.Content["spec"]["egress"].Items.Select(rule => string.Join(',', rule["ports"].Items.Select(port => port["port"].Text))));
    }

    [Fact]
    public void The_ports_of_the_silos_are_those_of_silo_json()
    {
        Yaml container = Silo();

        Assert.Equal(
            new[] { "siloPort", "gatewayPort", "healthPort" }.Select(setting => (setting[..^"Port".Length], Repository.Setting(setting).GetInt32())),
            container["ports"].Items.Select(port => (port["name"].Text, port["containerPort"].Number)));
    }

    [Fact]
    public void Probes_ask_the_health_port()
    {
        Yaml container = Silo();

        Assert.Equal(("/health/live", "health"), ProbeOf("livenessProbe"));
        Assert.Equal(("/health/ready", "health"), ProbeOf("readinessProbe"));

        (string, string) ProbeOf(string probe) => (container[probe]["httpGet"]["path"].Text, container[probe]["httpGet"]["port"].Text);
    }

    [Fact]
    public void The_api_listens_at_the_port_of_silo_json_with_keys_that_are_mounted_and_reaches_the_gateways()
    {
        Manifest api = Manifests("base").Single(manifest => manifest is { Kind: "Deployment", Name: "bamboo-api" });
        Yaml container = Assert.Single(api.Containers);
        Dictionary<string, string?> variables = container["env"].Items.ToDictionary(variable => variable["name"].Text, variable => variable["value"].TextOrNull);

        string port = Repository.Setting("http.listen").GetString()!.Split(':')[1];
        Assert.Equal($"0.0.0.0:{port}", variables["BAMBOO__http__listen"]);
        Assert.Equal(port, Assert.Single(container["ports"].Items)["containerPort"].Text);
        Assert.Equal("http", container["readinessProbe"]["tcpSocket"]["port"].Text);
        Yaml mount = Assert.Single(
            container["volumeMounts"].Items, mount => mount["mountPath"].Text == Path.GetDirectoryName(variables["BAMBOO__http__keyFile"]));
        Assert.True(Assert.Single(api.Pod["volumes"].Items, volume => volume["name"].Text == mount["name"].Text)["secret"]["secretName"].IsThere);
        Assert.Equal("true", api.PodLabels["bamboo/client"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_pod_has_longer_to_end_than_its_silo_takes(string name)
    {
        foreach (Manifest manifest in WithPatches(name).Where(manifest => manifest is { Kind: "Deployment", Name: "bamboo-silo" }))
        {
            if (manifest.Pod["terminationGracePeriodSeconds"] is { IsThere: true } grace)
            {
                int before = manifest.Containers.Sum(container => container["lifecycle"]["preStop"]["sleep"]["seconds"] is { IsThere: true } sleep ? sleep.Number : 0);
                TimeSpan shutdown = TimeSpan.Parse(
                    Repository.Setting("limits.shutdownTimeLimit").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(TimeSpan.FromSeconds(grace.Number - before) >= shutdown + TimeSpan.FromSeconds(5), $"{grace} is {grace.Number}");
            }
        }

        Assert.True(Silos().Pod["terminationGracePeriodSeconds"].IsThere);
    }

    [Fact]
    public void The_labels_and_variables_are_those_that_Orleans_reads_and_name_the_cluster_of_silo_json()
    {
        Manifest silos = Silos();

        Assert.Equal(Repository.Setting("serviceId").GetString(), silos.PodLabels["orleans/serviceId"]);
        Assert.Equal(Repository.Setting("clusterId").GetString(), silos.PodLabels["orleans/clusterId"]);
        Dictionary<string, string> fields = Silo()["env"].Items.Where(variable => variable["valueFrom"]["fieldRef"].IsThere)
            .ToDictionary(variable => variable["name"].Text, variable => variable["valueFrom"]["fieldRef"]["fieldPath"].Text);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["POD_NAME"] = "metadata.name",
                ["POD_NAMESPACE"] = "metadata.namespace",
                ["POD_IP"] = "status.podIP",
                ["ORLEANS_SERVICE_ID"] = "metadata.labels['orleans/serviceId']",
                ["ORLEANS_CLUSTER_ID"] = "metadata.labels['orleans/clusterId']",
                ["BAMBOO__serviceId"] = "metadata.labels['orleans/serviceId']",
                ["BAMBOO__clusterId"] = "metadata.labels['orleans/clusterId']",
                ["BAMBOO__siloName"] = "metadata.name",
                ["BAMBOO__advertisedAddress"] = "status.podIP",
            },
            fields);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Variables_of_settings_name_settings_and_hold_values_of_their_type(string name)
    {
        foreach (Yaml variable in WithPatches(name).SelectMany(manifest => manifest.Containers).SelectMany(container => container["env"].Items)
            .Where(variable => variable["name"].Text.StartsWith("BAMBOO", StringComparison.OrdinalIgnoreCase)))
        {
            string setting = variable["name"].Text;
            Assert.StartsWith("BAMBOO__", setting);
            JsonElement value = Repository.Setting(setting["BAMBOO__".Length..].Replace("__", ".", StringComparison.Ordinal));
            Assert.True(value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array), $"{variable} is no single setting");
            if (value.ValueKind == JsonValueKind.Number && variable["value"].TextOrNull is { } text)
            {
                Assert.True(int.TryParse(text, out _), $"{variable} is {text}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Settings_secrets_and_accounts_that_pods_name_are_there(string name)
    {
        Kustomization kustomization = Get(name);
        IReadOnlyList<Manifest> manifests = kustomization.Manifests;
        foreach (Manifest workload in manifests.Where(manifest => manifest.HasPods))
        {
            if (workload.Pod["serviceAccountName"].TextOrNull is { } account)
            {
                Assert.Contains(manifests, manifest => manifest.Kind == "ServiceAccount" && manifest.Name == account);
            }
            else
            {
                Assert.Equal("false", workload.Pod["automountServiceAccountToken"].Text);
            }

            Dictionary<string, Yaml> volumes = workload.Pod["volumes"].Items.ToDictionary(volume => volume["name"].Text);
            Assert.All(volumes.Values.Where(volume => volume["configMap"].IsThere), volume =>
                Assert.Contains(volume["configMap"]["name"].Text, kustomization.ConfigMaps.Keys));
            string[] mounted = [.. workload.Containers.SelectMany(container => container["volumeMounts"].Items).Select(mount => mount["name"].Text)];
            Assert.Equal(volumes.Keys.Order(), mounted.Distinct().Order());
            Assert.All(
                workload.Containers.SelectMany(container => container["env"].Items).Where(variable => variable["valueFrom"]["secretKeyRef"].IsThere),
                variable => Assert.Equal(
                    ("bamboo-database", "connection-string", "BAMBOO__connectionString"),
                    (variable["valueFrom"]["secretKeyRef"]["name"].Text, variable["valueFrom"]["secretKeyRef"]["key"].Text, variable["name"].Text)));
        }
    }

    [Fact]
    public void Silos_and_the_migration_read_the_settings_that_are_mounted()
    {
        Kustomization kustomization = Kustomization.Base;
        Dictionary<string, string> commands = [];
        foreach (Manifest workload in kustomization.Manifests.Where(manifest => manifest.HasPods))
        {
            Yaml container = Assert.Single(workload.Containers);
            string[] arguments = [.. container["args"].Items.Select(item => item.Text)];
            Assert.Equal("--settings", arguments[1]);
            Yaml mount = Assert.Single(container["volumeMounts"].Items, mount => mount["mountPath"].Text == Path.GetDirectoryName(arguments[2]));
            Yaml volume = Assert.Single(workload.Pod["volumes"].Items, volume => volume["name"].Text == mount["name"].Text);
            Assert.Contains(Path.GetFileName(arguments[2]), kustomization.ConfigMaps[volume["configMap"]["name"].Text]);
            Assert.Contains(container["env"].Items, variable => variable["name"].Text == "BAMBOO__connectionString");
            commands[workload.Name] = arguments[0];
        }

        Assert.Equal(new Dictionary<string, string> { ["bamboo-silo"] = "run", ["bamboo-api"] = "serve", ["bamboo-migrate"] = "migrate" }, commands);
    }

    [Fact]
    public void The_account_of_the_silos_may_read_and_label_pods_and_nothing_else()
    {
        IReadOnlyList<Manifest> manifests = Manifests("base");
        Manifest role = Assert.Single(manifests, manifest => manifest.Kind == "Role");
        Manifest binding = Assert.Single(manifests, manifest => manifest.Kind == "RoleBinding");

        Yaml rule = Assert.Single(role.Content["rules"].Items);
        Assert.Equal(["pods"], rule["resources"].Items.Select(item => item.Text));
        Assert.Equal(["get", "list", "watch", "patch"], rule["verbs"].Items.Select(item => item.Text));
        Assert.Equal(("Role", role.Name), (binding.Content["roleRef"]["kind"].Text, binding.Content["roleRef"]["name"].Text));
        Yaml subject = Assert.Single(binding.Content["subjects"].Items);
        Assert.Equal("ServiceAccount", subject["kind"].Text);
        Assert.Equal(Silos().Pod["serviceAccountName"].Text, subject["name"].Text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_autoscaler_scales_the_silos_and_nothing_else_says_how_many_there_are(string name)
    {
        foreach (Manifest autoscaler in WithPatches(name).Where(manifest => manifest.Kind == "HorizontalPodAutoscaler"))
        {
            Assert.True(autoscaler.Content["spec"]["minReplicas"].Number <= autoscaler.Content["spec"]["maxReplicas"].Number);
        }

        Yaml target = Manifests(name).Single(manifest => manifest.Kind == "HorizontalPodAutoscaler").Content["spec"]["scaleTargetRef"];
        Manifest scaled = Assert.Single(Manifests(name), manifest => (manifest.Kind, manifest.Name) == (target["kind"].Text, target["name"].Text));
        Assert.Equal(scaled.ApiVersion, target["apiVersion"].Text);
        Assert.DoesNotContain(
            WithPatches(name), manifest => (manifest.Kind, manifest.Name) == (scaled.Kind, scaled.Name) && manifest.Content["spec"]["replicas"].IsThere);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Services_lead_to_ports_that_pods_have(string name)
    {
        IReadOnlyList<Manifest> manifests = Manifests(name);

        Assert.All(manifests.Where(manifest => manifest.Kind == "Service"), service =>
        {
            Manifest workload = Assert.Single(manifests, manifest => manifest.HasPods && Selects(service.Content["spec"]["selector"], manifest));
            Assert.All(service.Content["spec"]["ports"].Items, port => Assert.Contains(port["targetPort"].Text, PortNames(workload)));
        });
        Assert.All(
            WithPatches(name).SelectMany(manifest => manifest.Containers).SelectMany(container => container["env"].Items)
                .Where(variable => variable["name"].Text == "BAMBOO__connectionString" && variable["value"].IsThere),
            variable => Assert.Contains(manifests, manifest =>
                manifest.Kind == "Service" && variable["value"].Text.Split(';').Contains($"Host={manifest.Name}")
                && manifest.Content["spec"]["ports"].Items.Any(port => variable["value"].Text.Split(';').Contains($"Port={port["port"].Text}"))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Containers_run_as_nobody_special_on_a_file_system_of_their_own_within_limits(string name)
    {
        foreach (Manifest workload in Manifests(name).Where(manifest => manifest.HasPods))
        {
            Yaml pod = workload.Pod["securityContext"];
            Assert.Equal("true", pod["runAsNonRoot"].Text);
            Assert.True(pod["runAsUser"].Number > 0);
            Assert.Equal("RuntimeDefault", pod["seccompProfile"]["type"].Text);
            Assert.All(workload.Containers, container =>
            {
                Assert.Equal("false", container["securityContext"]["allowPrivilegeEscalation"].Text);
                Assert.Equal("true", container["securityContext"]["readOnlyRootFilesystem"].Text);
                Assert.Equal(["ALL"], container["securityContext"]["capabilities"]["drop"].Items.Select(item => item.Text));
            });
        }

        Assert.All(
            WithPatches(name).SelectMany(manifest => manifest.Containers).Where(container => container["image"].IsThere || container["resources"].IsThere),
            container =>
            {
                foreach (string part in new[] { "requests", "limits" })
                {
                    Assert.Equal(["cpu", "memory"], container["resources"][part].Members.Select(member => member.Key));
                }
            });
    }

    private static Kustomization Get(string name) => Kustomization.All.Single(kustomization => kustomization.Name == name);

    private static IReadOnlyList<Manifest> Manifests(string name) => Get(name).Manifests;

    private static IEnumerable<Manifest> WithPatches(string name) => Get(name).Manifests.Concat(Get(name).Patches);

    private static Manifest Silos() => Manifests("base").Single(manifest => manifest is { Kind: "Deployment", Name: "bamboo-silo" });

    private static Yaml Silo() => Assert.Single(Silos().Containers);

    private static string ConnectionOption(string option) => Repository.Setting("connectionString").GetString()!.Split(';')
        .Select(pair => pair.Split('=', 2)).Single(pair => pair[0] == option)[1];

    private static string[] PortNames(Manifest workload) =>
        [.. workload.Containers.SelectMany(container => container["ports"].Items).Select(port => port["name"].Text)];

    private static bool Selects(Yaml labels, Manifest workload) =>
        labels.Members.Any() && labels.Texts.All(label => workload.PodLabels.TryGetValue(label.Key, out string? value) && value == label.Value);

    private static void AssertSelects(Yaml labels, Manifest workload) => Assert.True(Selects(labels, workload), $"{labels} does not select {workload}");

    // A peer is one of our workloads, or a client, whose label is a promise to others.
    private static Manifest? AssertKnown(Yaml peer, IReadOnlyList<Manifest> manifests)
    {
        Yaml labels = peer["podSelector"]["matchLabels"];
        Manifest? known = manifests.SingleOrDefault(manifest => manifest.HasPods && Selects(labels, manifest));
        Assert.True(
            known is not null || labels["bamboo/client"] is { TextOrNull: "true" } || labels["bamboo/api-client"] is { TextOrNull: "true" }, $"{labels} selects nothing");
        return known;
    }
}
