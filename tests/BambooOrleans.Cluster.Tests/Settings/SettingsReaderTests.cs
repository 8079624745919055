using BambooOrleans.Core;

namespace BambooOrleans.Cluster.Tests.Settings;

public sealed class SettingsReaderTests : IDisposable
{
    private const string Database = "\"connectionString\":\"Host=db;Database=bamboo;Username=bamboo\"";

    private static readonly KeyValuePair<string, string>[] NoVariables = [];

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void The_silo_json_of_the_repository_says_every_setting_and_its_default()
    {
        ClusterSettings settings = SettingsReader.Read(Path.Combine(AppContext.BaseDirectory, "silo.json"), NoVariables);

        Assert.Empty(settings.Components);
        Assert.Equal(new ClusterSettings { ConnectionString = settings.ConnectionString, Components = settings.Components }, settings);
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "silo.json")));
        foreach (string setting in SettingsReader.Names)
        {
            System.Text.Json.JsonElement value = json.RootElement;
            Assert.All(setting.Split('.'), name => Assert.True(value.TryGetProperty(name, out value), $"silo.json has no {setting}"));
        }
    }

    [Fact]
    public void The_documentation_has_every_setting_and_its_default()
    {
        Dictionary<string, string> documented = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "cluster.md"))
            .SkipWhile(line => line != "## Settings").Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .TakeWhile(line => line.Split('|').Length == 5)
            .ToDictionary(line => line.Split('|')[1].Trim(' ', '`'), line => line.Split('|')[2].Trim());
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "silo.json")));

        Assert.Equal(SettingsReader.Names, documented.Keys);
        foreach ((string setting, string value) in documented.Where(line => line.Value.StartsWith('`')))
        {
            System.Text.Json.JsonElement actual = json.RootElement;
            Assert.All(setting.Split('.'), name => actual = actual.GetProperty(name));
            Assert.Equal(actual.ToString(), value.Trim('`'), ignoreCase: true);
        }
    }

    [Fact]
    public void The_connection_string_of_silo_json_shows_the_tuned_options_and_no_password()
    {
        string connection = SettingsReader.Read(Path.Combine(AppContext.BaseDirectory, "silo.json"), NoVariables).ConnectionString!;

        Npgsql.NpgsqlConnectionStringBuilder options = new(connection);
        Assert.True(options.NoResetOnClose);
        Assert.True(options.MaxAutoPrepare >= 20);
        Assert.Equal(16, options.MaxPoolSize);
        Assert.Null(options.Password);
    }

    [Fact]
    public void One_line_is_enough()
    {
        ClusterSettings settings = Read($"{{{Database}}}");

        Assert.Equal("Host=db;Database=bamboo;Username=bamboo", settings.ConnectionString);
        Assert.Equal("db", HostOf(settings.DatabaseConnectionString()));
        Assert.Equal(settings.DatabaseConnectionString(), settings.ClusteringConnectionString());
        Assert.Equal(settings.DatabaseConnectionString(), settings.StorageConnectionString());
        Assert.Equal(settings.DatabaseConnectionString(), settings.RemindersConnectionString());
    }

    [Fact]
    public void Each_part_can_have_a_database_of_its_own()
    {
        ClusterSettings settings = Read(
            """
            {
              "clustering": {"connectionString": "Host=a"}, "storage": {"connectionString": "Host=b"},
              "reminders": {"connectionString": "Host=c"}, "database": {"connectionString": "Host=d"}
            }
            """);

        Assert.Equal("a", HostOf(settings.ClusteringConnectionString()));
        Assert.Equal("b", HostOf(settings.StorageConnectionString()));
        Assert.Equal("c", HostOf(settings.RemindersConnectionString()));
        Assert.Equal("d", HostOf(settings.DatabaseConnectionString()));
    }

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        ClusterSettings settings = Read(
            $$"""
            { // Comments are allowed.
              {{Database}}, "clusterId": "blue", "siloPort": 1, "clustering": {"kind": "localhost"},
              "engine": {"exclusiveGatewayStrategy": "first"}, "limits": {"componentTimeLimit": "1.02:03:04.5"},
              "components": ["a.dll", "/b/c.dll"]
            }
            """);

        Assert.Equal("blue", settings.ClusterId);
        Assert.Equal(1, settings.SiloPort);
        Assert.Equal(ClusteringKind.Localhost, settings.Clustering.Kind);
        Assert.Equal(ExclusiveGatewayStrategy.First, settings.Engine.ExclusiveGatewayStrategy);
        Assert.Equal(new TimeSpan(1, 2, 3, 4, 500), settings.Limits.ComponentTimeLimit);
        Assert.Equal([Path.Combine(Path.GetDirectoryName(_file)!, "a.dll"), "/b/c.dll"], settings.Components);
    }

    [Fact]
    public void Environment_variables_go_over_the_file_in_any_case()
    {
        ClusterSettings settings = Read(
            $$"""{{{Database}}, "siloPort": 5, "components": ["/a.dll"]}""",
            ("BAMBOO__siloPort", "6"),
            ("bamboo__GATEWAYPORT", "7"),
            ("BAMBOO__CLUSTERING__KIND", "localhost"),
            ("BAMBOO__limits__shutdownTimeLimit", "00:00:40"),
            ("BAMBOO__builtIn__allowShell", "true"),
            ("BAMBOO__components__0", "/b.dll"),
            ("BAMBOO__components__1", "/c.dll"),
            ("BAMBOO_OTHER", "no setting"),
            ("PATH", "/bin"));

        Assert.Equal(6, settings.SiloPort);
        Assert.Equal(7, settings.GatewayPort);
        Assert.Equal(ClusteringKind.Localhost, settings.Clustering.Kind);
        Assert.Equal(TimeSpan.FromSeconds(40), settings.Limits.ShutdownTimeLimit);
        Assert.True(settings.BuiltIn.AllowShell);
        Assert.Equal(["/b.dll", "/c.dll"], settings.Components);
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("null", "holds null")]
    [InlineData("[]", "holds an array")]
    [InlineData("""{"siloPort":1,"siloPort":2}""", "is not JSON")]
    public void A_file_that_holds_no_settings_is_refused(string text, string problem)
    {
        SettingsException refusal = Assert.Throws<SettingsException>(() => Read(text));

        AssertOneLine(refusal, _file, null, problem);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        string nowhere = _file + ".nowhere";

        SettingsException refusal = Assert.Throws<SettingsException>(() => SettingsReader.Read(nowhere, NoVariables));

        AssertOneLine(refusal, nowhere, null, "cannot be read");
    }

    [Theory]
    [InlineData("\"silos\":3", "silos", "is no setting (there are clusterId, ")]
    [InlineData("\"SiloPort\":3", "SiloPort", "is no setting (siloPort is meant)")]
    [InlineData("\"limits\":{\"most\":3}", "limits.most", "is no setting (there are userCodeConcurrencyMax, ")]
    [InlineData("\"limits\":3", "limits", "is 3, and has to be an object")]
    [InlineData("\"limits\":null", "limits", "is null, and has to be an object")]
    [InlineData("\"limits\":[]", "limits", "is an array, and has to be an object")]
    [InlineData("\"siloPort\":\"1\"", "siloPort", "is \"1\", and has to be a whole number")]
    [InlineData("\"siloPort\":1.5", "siloPort", "is 1.5, and has to be a whole number")]
    [InlineData("\"siloPort\":99999999999", "siloPort", "is 99999999999, and has to be a whole number")]
    [InlineData("\"siloPort\":null", "siloPort", "is null, and has to be a whole number")]
    [InlineData("\"siloPort\":{}", "siloPort", "is an object, and has to be a whole number")]
    [InlineData("\"clusterId\":5", "clusterId", "is 5, and has to be a string")]
    [InlineData("\"clusterId\":null", "clusterId", "is null, and has to be a string")]
    [InlineData("\"clustering\":{\"kind\":\"etcd\"}", "clustering.kind", "is \"etcd\", and has to be one of \"adonet\", \"localhost\"")]
    [InlineData("\"clustering\":{\"kind\":1}", "clustering.kind", "is 1, and has to be one of")]
    [InlineData("\"storage\":{\"kind\":\"memory\"}", "storage.kind", "has to be one of \"adonet\", \"group-commit\"")]
    [InlineData("\"reminders\":{\"kind\":\"memory\"}", "reminders.kind", "has to be one of \"adonet\"")]
    [InlineData("\"engine\":{\"exclusiveGatewayStrategy\":\"any\"}", "engine.exclusiveGatewayStrategy", "has to be one of \"only\", \"first\"")]
    [InlineData("\"limits\":{\"closeTimeLimit\":10}", "limits.closeTimeLimit", "is 10, and has to be a time such as \"00:00:30\"")]
    [InlineData("\"limits\":{\"closeTimeLimit\":\"10\"}", "limits.closeTimeLimit", "is \"10\", and has to be a time")]
    [InlineData("\"limits\":{\"closeTimeLimit\":\"25:00:00\"}", "limits.closeTimeLimit", "is \"25:00:00\", and has to be a time")]
    [InlineData("\"builtIn\":{\"allowShell\":\"yes\"}", "builtIn.allowShell", "is \"yes\", and has to be true or false")]
    [InlineData("\"builtIn\":{\"allowShell\":\"true\"}", "builtIn.allowShell", "is \"true\", and has to be true or false")]
    [InlineData("\"components\":\"a.dll\"", "components", "is \"a.dll\", and has to be an array of strings")]
    [InlineData("\"components\":[1]", "components.0", "is 1, and has to be a string")]
    public void A_setting_that_is_unknown_or_of_another_type_is_named(string setting, string name, string problem)
    {
        SettingsException refusal = Assert.Throws<SettingsException>(() => Read($"{{{Database},{setting}}}"));

        AssertOneLine(refusal, _file, name, problem);
    }

    [Theory]
    [InlineData("\"clusterId\":\" \"", "clusterId", "is empty")]
    [InlineData("\"serviceId\":\"\"", "serviceId", "is empty")]
    [InlineData("\"siloName\":\"\"", "siloName", "is empty")]
    [InlineData("\"advertisedAddress\":\"\"", "advertisedAddress", "is empty")]
    [InlineData("\"advertisedAddress\":\"0.0.0.0\"", "advertisedAddress", "is 0.0.0.0, at which nobody")]
    [InlineData("\"siloPort\":0", "siloPort", "is 0, and a port is from 1 to 65535")]
    [InlineData("\"gatewayPort\":65536", "gatewayPort", "is 65536, and a port is from 1 to 65535")]
    [InlineData("\"healthPort\":-1", "healthPort", "is -1, and a port is from 1 to 65535")]
    [InlineData("\"gatewayPort\":11111", "gatewayPort", "is 11111, and siloPort too")]
    [InlineData("\"healthPort\":11111", "healthPort", "is 11111, and siloPort too")]
    [InlineData("\"healthPort\":30000", "healthPort", "is 30000, and gatewayPort too")]
    [InlineData("\"clustering\":{\"invariant\":\"Sqlite\"}", "clustering.invariant", "is \"Sqlite\", and has to be one of \"Npgsql\"")]
    [InlineData("\"clustering\":{\"connectionString\":\"Hosst=a\"}", "clustering.connectionString", "is wrong: the connection string cannot be read")]
    [InlineData("\"database\":{\"connectionString\":\"Database=a\"}", "database.connectionString", "is wrong: the connection string names no host")]
    [InlineData("\"clustering\":{\"connectionString\":\"\"}", "clustering.connectionString", "is empty")]
    [InlineData("\"storage\":{\"kind\":\"group-commit\",\"connectionString\":\"Host=a\"}", "storage.connectionString", "is given, but storage.kind \"group-commit\" keeps states in the tables")]
    [InlineData("\"storage\":{\"invariant\":\"Microsoft.Data.SqlClient\"}", "storage.connectionString", "is missing: storage.invariant is \"Microsoft.Data.SqlClient\"")]
    [InlineData("\"reminders\":{\"invariant\":\"x\"}", "reminders.invariant", "is \"x\", and has to be one of")]
    [InlineData("\"engine\":{\"nodeRerunLimit\":-1}", "engine.nodeRerunLimit", "is -1, and has to be 0 or more")]
    [InlineData("\"engine\":{\"rerunIndexOffset\":-1}", "engine.rerunIndexOffset", "is -1, and has to be 0 or more")]
    [InlineData("\"limits\":{\"userCodeConcurrencyMax\":0}", "limits.userCodeConcurrencyMax", "is 0, and has to be 1 or more")]
    [InlineData("\"limits\":{\"componentTimeLimit\":\"00:00:00\"}", "limits.componentTimeLimit", "is 00:00:00, and has to be from 00:00:01")]
    [InlineData("\"limits\":{\"componentTimeLimit\":\"50.00:00:00\"}", "limits.componentTimeLimit", "is 50.00:00:00, and has to be from 00:00:01 to 49.00:00:00")]
    [InlineData("\"limits\":{\"closeTimeLimit\":\"-00:00:01\"}", "limits.closeTimeLimit", "is \"-00:00:01\", and has to be a time")]
    [InlineData("\"limits\":{\"shutdownTimeLimit\":\"00:00:10\"}", "limits.shutdownTimeLimit", "has to be longer than limits.closeTimeLimit (00:00:10)")]
    [InlineData("\"limits\":{\"grainCollectionAge\":\"00:01:00\"}", "limits.grainCollectionAge", "is 00:01:00, and has to be from 00:01:01")]
    [InlineData("\"limits\":{\"submissionBytesMax\":1023}", "limits.submissionBytesMax", "is 1023, and has to be 1024 or more")]
    [InlineData("\"failureDetection\":{\"probeTimeout\":\"00:00:00.05\"}", "failureDetection.probeTimeout", "and has to be from 00:00:00.1")]
    [InlineData("\"failureDetection\":{\"missedProbesMax\":0}", "failureDetection.missedProbesMax", "is 0, and has to be 1 or more")]
    [InlineData("\"failureDetection\":{\"aliveUpdatePeriod\":\"00:00:00.5\"}", "failureDetection.aliveUpdatePeriod", "and has to be from 00:00:01")]
    [InlineData("\"failureDetection\":{\"joinTimeLimit\":\"00:00:15\"}", "failureDetection.joinTimeLimit", "longer than three times failureDetection.aliveUpdatePeriod (00:00:05)")]
    [InlineData("\"wake\":{\"scanPeriod\":\"00:00:00\"}", "wake.scanPeriod", "is 00:00:00, and has to be from 00:00:00.1")]
    [InlineData("\"telemetry\":{\"otlpEndpoint\":\"collector:4317\"}", "telemetry.otlpEndpoint", "is \"collector:4317\", and has to be a URL")]
    [InlineData("\"components\":[\"a.dll\",\"\"]", "components.1", "is empty")]
    public void A_value_that_cannot_be_right_is_named(string setting, string name, string problem)
    {
        SettingsException refusal = Assert.Throws<SettingsException>(() => Read($"{{{Database},{setting}}}"));

        AssertOneLine(refusal, _file, name, problem);
    }

    [Theory]
    [InlineData("{}", "connectionString", "is missing: it names the PostgreSQL database, and clustering.connectionString does not either")]
    [InlineData("""{"clustering":{"kind":"localhost"}}""", "connectionString", "and storage.connectionString does not either")]
    [InlineData("""{"connectionString":""}""", "connectionString", "is empty")]
    [InlineData(
        """{"clustering":{"connectionString":"Host=a"},"storage":{"connectionString":"Host=b"},"reminders":{"connectionString":"Host=c"}}""",
        "connectionString", "and database.connectionString does not either")]
    public void A_database_that_nobody_names_is_missed(string text, string name, string problem)
    {
        SettingsException refusal = Assert.Throws<SettingsException>(() => Read(text));

        AssertOneLine(refusal, _file, name, problem);
    }

    [Theory]
    [InlineData("BAMBOO__siloPort", "x", "siloPort", "is \"x\", and has to be a whole number")]
    [InlineData("BAMBOO__siloPort", "0", "siloPort", "is 0, and a port is from 1 to 65535")]
    [InlineData("BAMBOO__siloPort", "", "siloPort", "is \"\", and has to be a whole number")]
    [InlineData("BAMBOO__siloport__x", "1", null, "siloPort.x is no setting")]
    [InlineData("BAMBOO__", "1", null, " is no setting")]
    [InlineData("BAMBOO__silos", "3", "silos", "is no setting (there are ")]
    [InlineData("BAMBOO__limits", "3", "limits", "is a part with settings of its own")]
    [InlineData("BAMBOO__wake", "3", "wake", "is \"3\", and has to be an object")]
    [InlineData("BAMBOO__LIMITS__most", "3", "limits.most", "is no setting (there are ")]
    [InlineData("BAMBOO__clustering__kind", "etcd", "clustering.kind", "is \"etcd\", and has to be one of")]
    [InlineData("BAMBOO__telemetry__otlpEndpoint", "x", "telemetry.otlpEndpoint", "has to be a URL")]
    public void A_variable_that_is_wrong_is_named_itself(string variable, string value, string? name, string problem)
    {
        SettingsException refusal = Assert.Throws<SettingsException>(
            () => Read($$"""{{{Database}}, "siloPort": 5, "limits": {"userCodeConcurrencyMax": 1} }""", (variable, value)));

        AssertOneLine(refusal, $"environment variable {variable}", name, problem);
    }

    private static string? HostOf(string connectionString) => new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Host;

    private static void AssertOneLine(SettingsException refusal, string origin, string? setting, string problem)
    {
        Assert.Equal(origin, refusal.Origin);
        Assert.Equal(setting, refusal.Setting);
        Assert.StartsWith(setting is null ? $"{origin}: " : $"{origin}: {setting} ", refusal.Message);
        Assert.Contains(problem, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    private ClusterSettings Read(string text, params (string Name, string Value)[] variables)
    {
        File.WriteAllText(_file, text);
        return SettingsReader.Read(_file, variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)));
    }
}
